"""Public checks of q3_3: `conv_gradient_wrt_input`."""

from __future__ import annotations

import torch

from autograder.checking.check import check
from autograder.checking.judge import Reply, close, on_its_own, show, tensor_like, well_behaved
from autograder.checking.student import Student


def _gradient(student: Student, dloss_dy: torch.Tensor, kernel: torch.Tensor, expected: torch.Tensor) -> None:
    call = (
        f"conv_gradient_wrt_input(dloss_dy, kernel) with dloss_dy\n{show(dloss_dy)}\nkernel\n{show(kernel)}"
    )

    def judge(reply: Reply) -> None:
        close(tensor_like(reply.reply("value"), expected, call), expected, 1e-5, call)

    on_its_own(student, "input_gradient", judge, dloss_dy=dloss_dy, kernel=kernel)


@check("q3_3", 2, title="one row: the lab's example in one dimension")
def test_one_row(student: Student) -> None:
    """Four outputs, a kernel of three: dL/dx_3 = y'_3 k_1 + y'_2 k_2 + y'_1 k_3, fewer terms at the ends."""
    dloss_dy = torch.tensor([[1.0, 2.0, -1.0, 4.0]])
    kernel = torch.tensor([[3.0, 5.0, -7.0]])
    _gradient(student, dloss_dy, kernel, torch.tensor([[3.0, 11.0, 0.0, -7.0, 27.0, -28.0]]))


KERNEL = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


@check("q3_3", 1, title="one output spreads the kernel")
def test_one_output(student: Student) -> None:
    """A single output element gives the kernel itself."""
    _gradient(student, torch.tensor([[1.0]]), KERNEL, KERNEL)


@check("q3_3", 1, title="four outputs, whose kernels overlap")
def test_overlap(student: Student) -> None:
    """Outputs below and beside the first add to what it gives; in the middle, sums have several terms."""
    expected = torch.tensor([[1.0, 4.0, 7.0, 6.0], [14.0, 53.0, 86.0, 72.0], [40.0, 130.0, 160.0, 120.0]])
    _gradient(student, torch.tensor([[1.0, 2.0], [10.0, 20.0]]), KERNEL, expected)


@check("q3_3", 0.5, title="float64 input, and arguments that stay as they were")
def test_float64(student: Student) -> None:
    """In float64 the result is float64 too, and exact to 15 digits."""
    dloss_dy = torch.tensor([[1.0], [10.0]], dtype=torch.float64) / 3
    kernel = KERNEL.double()
    expected = torch.tensor([[1.0, 2, 3], [14, 25, 36], [40, 50, 60]], dtype=torch.float64) / 3
    call = "conv_gradient_wrt_input(dloss_dy, kernel) with two rows in float64"

    def judge(reply: Reply) -> None:
        close(tensor_like(reply.reply("value"), expected, call), expected, 1e-12, call)
        well_behaved(reply, [dloss_dy, kernel], call)

    on_its_own(student, "input_gradient", judge, dloss_dy=dloss_dy, kernel=kernel)

"""Public checks of q2_1: `compute_convolution_at_position`."""

from __future__ import annotations

import torch

from autograder.checking.check import check
from autograder.checking.judge import Reply, close, on_its_own, show, tensor_like, well_behaved
from autograder.checking.student import Student

IMG = torch.tensor([[1.0, 2.0, 0.0, -1.0], [3.0, 5.0, -2.0, 4.0], [0.5, 7.0, 1.0, 6.0]])
KERNEL = torch.tensor([[1.0, -2.0], [3.0, 0.5]])
EXPECTED = {
    (1, 1): 1 - 4 + 9 + 2.5,
    (1, 3): 0 + 2 - 6 + 2,
    (2, 1): 3 - 10 + 1.5 + 3.5,
    (2, 3): -2 - 8 + 3 + 3,
}


WIDE = torch.tensor([[1.0, -2.0, 0.5]])
"""A kernel that is not square."""


def _at(student: Student, i: int, j: int, kernel: torch.Tensor, value: float) -> None:
    given = f"img\n{show(IMG)}\nkernel\n{show(kernel)}"
    call = f"compute_convolution_at_position({i}, {j}, img, kernel) with {given}"
    expected = torch.tensor(float(value))

    def judge(reply: Reply) -> None:
        close(tensor_like(reply.reply("value"), expected, call), expected, 1e-5, call)

    on_its_own(student, "convolve_at", judge, img=IMG, kernel=kernel, i=i, j=j)


@check("q2_1", 1, title="the upper left position")
def test_first_position(student: Student) -> None:
    """i = j = 1 is the first position there is."""
    _at(student, 1, 1, KERNEL, EXPECTED[1, 1])


@check("q2_1", 2, title="other positions, to the last one, and a kernel of 1 x 3")
def test_other_positions(student: Student) -> None:
    """Positions along both edges and the last one; the last one of a kernel that is wider than high."""
    for i, j in ((1, 3), (2, 1), (2, 3)):
        _at(student, i, j, KERNEL, EXPECTED[i, j])
    _at(student, 3, 2, WIDE, 7 - 2 + 3)


@check("q2_1", 0.5, title="float64 input, and arguments that stay as they were")
def test_double_precision(student: Student) -> None:
    """In float64 the result is float64 too, and exact to 15 digits."""
    img, kernel = IMG.double() / 3, KERNEL.double()
    expected = torch.tensor(EXPECTED[2, 1] / 3, dtype=torch.float64)
    call = "compute_convolution_at_position(2, 1, img.double() / 3, kernel.double())"

    def judge(reply: Reply) -> None:
        close(tensor_like(reply.reply("value"), expected, call), expected, 1e-12, call)
        well_behaved(reply, [img, kernel], call)

    on_its_own(student, "convolve_at", judge, img=img, kernel=kernel, i=2, j=1)

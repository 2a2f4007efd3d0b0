"""Public checks of q2_2: `apply_convolution`."""

from __future__ import annotations

import torch

from autograder.checking.check import check
from autograder.checking.judge import Reply, close, on_its_own, show, tensor_like, well_behaved
from autograder.checking.student import Student
from lab06.public.test_q2_1 import IMG, KERNEL, WIDE

STEP = torch.tensor([[0.0, 0.0, 1.0, 1.0, 1.0]] * 4)
SOBEL_X = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])


def _convolve(student: Student, img: torch.Tensor, kernel: torch.Tensor, expected: torch.Tensor) -> None:
    call = f"apply_convolution(img, kernel) with img\n{show(img)}\nkernel\n{show(kernel)}"

    def judge(reply: Reply) -> None:
        close(tensor_like(reply.reply("value"), expected, call), expected, 1e-5, call)

    on_its_own(student, "convolve", judge, img=img, kernel=kernel)


@check("q2_2", 2, title="the Sobel kernel finds a vertical edge")
def test_vertical_edge(student: Student) -> None:
    """A step from 0 to 1 between the second and third column answers 4, 4, 0 in both rows."""
    _convolve(student, STEP, SOBEL_X, torch.tensor([[4.0, 4.0, 0.0]] * 2))


@check("q2_2", 2, title="kernels of 2 x 2 and 1 x 3 on a 3 x 4 image")
def test_small_kernel(student: Student) -> None:
    """A kernel that is neither 3 x 3 nor symmetric, and one that is not square."""
    _convolve(student, IMG, KERNEL, torch.tensor([[8.5, 16.0, -2.0], [-2.0, 30.5, -4.0]]))
    _convolve(student, IMG, WIDE, torch.tensor([[-3.0, 1.5], [-8.0, 11.0], [-13.0, 8.0]]))


@check("q2_2", 0.5, title="float64 input, and arguments that stay as they were")
def test_double_precision(student: Student) -> None:
    """In float64 the result is float64 too, and exact to 15 digits."""
    img, kernel = IMG.double() / 3, KERNEL.double()
    expected = torch.tensor([[8.5, 16.0, -2.0], [-2.0, 30.5, -4.0]], dtype=torch.float64) / 3
    call = "apply_convolution(img.double() / 3, kernel.double())"

    def judge(reply: Reply) -> None:
        close(tensor_like(reply.reply("value"), expected, call), expected, 1e-12, call)
        well_behaved(reply, [img, kernel], call)

    on_its_own(student, "convolve", judge, img=img, kernel=kernel)

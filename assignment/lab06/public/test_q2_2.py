"""Public checks of q2_2: `apply_convolution`."""

from __future__ import annotations

import torch

from autograder.checking.check import check
from autograder.checking.judge import Reply, close, on_its_own, show, tensor_like
from autograder.checking.student import Student
from lab06.public.test_q2_1 import IMG, KERNEL

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


@check("q2_2", 2, title="a 2 x 2 kernel on a 3 x 4 image")
def test_small_kernel(student: Student) -> None:
    """A kernel that is neither 3 x 3 nor symmetric."""
    _convolve(student, IMG, KERNEL, torch.tensor([[8.5, 16.0, -2.0], [-2.0, 30.5, -4.0]]))

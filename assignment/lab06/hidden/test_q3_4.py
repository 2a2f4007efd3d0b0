"""Hidden checks of q3_4: `gradient_ascent` against the same ascent by autograd."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from autograder.checking.check import check
from autograder.checking.judge import (
    Reply,
    Wrong,
    close,
    near,
    numbers,
    on_its_own,
    pair,
    tensor_like,
    well_behaved,
)
from autograder.checking.student import Student
from lab06 import tolerances
from lab06.hidden.inputs import noise


def _ascent(img: Tensor, kernel: Tensor, steps: int, step_size: float) -> tuple[Tensor, list[float]]:
    """Autograd in float64, back in the image's dtype."""
    x, losses = img.double(), []
    for _ in range(steps):
        x = x.detach().requires_grad_()
        loss = F.conv2d(x[None, None], kernel.double()[None, None]).square().sum()
        losses.append(float(loss.detach()))
        x = x + step_size * torch.autograd.grad(loss, x)[0]
    return x.detach().to(img.dtype), losses


def _judge(reply: Reply, img: Tensor, kernel: Tensor, steps: int, step_size: float, relative: float) -> None:
    call = f"gradient_ascent(img {tuple(img.shape)}, kernel {tuple(kernel.shape)}, {steps}, {step_size})"
    expected, curve = _ascent(img, kernel, steps, step_size)
    image, losses = pair(reply.reply("value"), call)
    close(tensor_like(image, img, call), expected, relative * float(expected.abs().max()), call)
    values = numbers(losses, f"{call}: losses")
    if len(values) != steps:
        raise Wrong(f"{call}\nreturned {len(values)} losses, expected {steps}.")
    for n, (value, wanted) in enumerate(zip(values, curve, strict=True)):
        near(value, wanted, max(relative, 1e-9), f"{call}: losses[{n}]")
    well_behaved(reply, [img, kernel], call)


@check(
    "q3_4",
    2,
    family="kernels that are not square, in float64, with the caller's image left as it was",
    hint="Each loss is the one before its update; the update adds step_size times the gradient.",
)
def test_not_square(student: Student, rng: Generator) -> None:
    """Three steps of 0.02 with random 2 x 3 and 3 x 2 kernels, by position and by name."""
    for shape, kernel_shape, by_name in (((4, 5), (2, 3), False), ((5, 4), (3, 2), True)):
        img, kernel = noise(rng, shape, torch.float64), noise(rng, kernel_shape, torch.float64)

        def judge(reply: Reply, img: Tensor = img, kernel: Tensor = kernel) -> None:
            _judge(reply, img, kernel, 3, 0.02, tolerances.ASCENT)

        on_its_own(student, "ascend", judge, img=img, kernel=kernel, steps=3, step_size=0.02, by_name=by_name)


@check(
    "q3_4",
    1,
    family="the defaults, 100 steps of 0.01, in float32",
    hint="Keep the defaults of the function's signature, and a loss for every step.",
)
def test_defaults(student: Student, rng: Generator) -> None:
    """A kernel small enough that nothing overflows."""
    img = noise(rng, (4, 4))
    kernel = noise(rng, (2, 2))
    kernel = kernel * (0.5 / math.sqrt(float(kernel.square().sum())))

    def judge(reply: Reply) -> None:
        _judge(reply, img, kernel, 100, 0.01, 1e-3)

    on_its_own(student, "ascend", judge, img=img, kernel=kernel)

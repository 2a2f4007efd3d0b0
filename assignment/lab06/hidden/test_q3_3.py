"""Hidden checks of q3_3: `conv_gradient_wrt_input` against autograd and central differences."""

from __future__ import annotations

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from autograder.checking.check import check
from autograder.checking.judge import (
    Case,
    Reply,
    close,
    each_on_its_own,
    on_its_own,
    tensor_like,
    well_behaved,
)
from autograder.checking.student import Student
from lab06 import tolerances
from lab06.hidden.combined import FAMILY, HINT, combinations
from lab06.hidden.domains import GRADIENT
from lab06.hidden.inputs import EXTREMES, NOT_SQUARE, Shape, drawn, noise, outputs


def _by_autograd(dloss_dy: Tensor, kernel: Tensor) -> Tensor:
    rows, columns = dloss_dy.shape[0] + kernel.shape[0] - 1, dloss_dy.shape[1] + kernel.shape[1] - 1
    img = torch.zeros(rows, columns, dtype=torch.float64, requires_grad=True)
    result = F.conv2d(img[None, None], kernel.double()[None, None])[0, 0]
    # Were dloss_dy given to autograd, that would import sympy first, which takes half a second.
    return torch.autograd.grad((result * dloss_dy.double()).sum(), img)[0]


def _case(dloss_dy: Tensor, kernel: Tensor, layout: str = "contiguous", by_name: bool = False) -> Case:
    expected = _by_autograd(dloss_dy, kernel).to(dloss_dy.dtype)
    bound = tolerances.convolution(dloss_dy, kernel, dloss_dy.dtype)
    call = f"conv_gradient_wrt_input(dloss_dy {tuple(dloss_dy.shape)}, kernel {tuple(kernel.shape)})"

    def judge(reply: Reply) -> None:
        close(tensor_like(reply.reply("value"), expected, call), expected, bound, call)
        well_behaved(reply, [dloss_dy, kernel], call)

    return {"dloss_dy": dloss_dy, "kernel": kernel, "layout": layout, "by_name": by_name}, judge


def _shapes(student: Student, rng: Generator, shapes: Iterable[tuple[Shape, Shape]]) -> None:
    pairs = drawn(rng, [(outputs(img, kernel), kernel) for img, kernel in shapes])
    each_on_its_own(student, "input_gradient", (_case(dloss_dy, kernel) for dloss_dy, kernel in pairs))


@check(
    "q3_3", 2, family="images and kernels that are not square", hint="Rows and columns have their own sizes."
)
def test_not_square(student: Student, rng: Generator) -> None:
    """Against autograd, with kernels that are not symmetric."""
    _shapes(student, rng, NOT_SQUARE)


@check(
    "q3_3",
    2,
    family="kernels of one element, one row, one column, or larger than dL/dY",
    hint="Near the borders fewer terms count; look at the bounds of both sums.",
)
def test_extremes(student: Student, rng: Generator) -> None:
    """The smallest and largest kernels that fit."""
    _shapes(student, rng, (*EXTREMES, ((6, 5), (5, 4))))


@check(
    "q3_3",
    1.5,
    family="finite differences of L = sum(Y^2) in float64",
    hint="The result has the input's dtype, and every pixel agrees with nudging that pixel.",
)
def test_finite_differences(student: Student, rng: Generator) -> None:
    """Central differences: L is quadratic, so they are exact but for rounding."""
    img, kernel = noise(rng, (5, 6), torch.float64), noise(rng, (2, 3), torch.float64)

    def loss(x: Tensor) -> Tensor:
        return F.conv2d(x[None, None], kernel[None, None]).square().sum()

    step, expected = tolerances.FINITE_DIFFERENCE_STEP, torch.empty_like(img)
    for i, j in torch.cartesian_prod(torch.arange(5), torch.arange(6)).tolist():
        nudge = torch.zeros_like(img)
        nudge[i, j] = step
        expected[i, j] = (loss(img + nudge) - loss(img - nudge)) / (2 * step)
    bound = tolerances.FINITE_DIFFERENCE * float(expected.abs().max())
    call = "conv_gradient_wrt_input(2 Y, kernel) in float64"

    def judge(reply: Reply) -> None:
        close(tensor_like(reply.reply("value"), expected, call), expected, bound, call)

    output = F.conv2d(img[None, None], kernel[None, None])[0, 0]
    on_its_own(student, "input_gradient", judge, dloss_dy=2 * output, kernel=kernel)


@check(
    "q3_3",
    1,
    family="views that are not contiguous, arguments by name, arguments that the caller still needs",
    hint="Leave dloss_dy and kernel as they were, and do not rely on how they lie in memory.",
)
def test_layouts(student: Student, rng: Generator) -> None:
    """Transposed and strided views, the latter as named arguments."""
    layouts = (("transposed", False), ("strided", True))
    cases = (_case(noise(rng, (2, 4)), noise(rng, (3, 2)), *how) for how in layouts)
    each_on_its_own(student, "input_gradient", cases)


@check("q3_3", 1, family=FAMILY, hint=HINT)
def test_combinations(student: Student, rng: Generator) -> None:
    """Every pair of levels of the domain; kernels may be larger than dL/dY."""

    def right(dloss_dy: Tensor, kernel: Tensor) -> Tensor:
        return F.conv_transpose2d(dloss_dy[None, None], kernel[None, None])[0, 0]

    given = "dloss_dy", "kernel"
    combinations(student, rng, GRADIENT, "input_gradient", given, lambda *_: (right, {}), fits=False)

"""Hidden checks of q2_2: `apply_convolution` against `F.conv2d`."""

from __future__ import annotations

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from autograder.checking.check import check
from autograder.checking.judge import Case, Reply, close, each_on_its_own, tensor_like, well_behaved
from autograder.checking.student import Student
from lab06 import tolerances
from lab06.hidden.combined import FAMILY, HINT, combinations
from lab06.hidden.domains import CONVOLUTION
from lab06.hidden.inputs import EXTREMES, NOT_SQUARE, drawn, noise


def _case(img: Tensor, kernel: Tensor, layout: str = "contiguous", by_name: bool = False) -> Case:
    expected = F.conv2d(img.double()[None, None], kernel.double()[None, None])[0, 0].to(img.dtype)
    bound = tolerances.convolution(img, kernel, img.dtype)
    call = f"apply_convolution(img {tuple(img.shape)}, kernel {tuple(kernel.shape)})"

    def judge(reply: Reply) -> None:
        close(tensor_like(reply.reply("value"), expected, call), expected, bound, call)
        well_behaved(reply, [img, kernel], call)

    return {"img": img, "kernel": kernel, "layout": layout, "by_name": by_name}, judge


def _check(student: Student, pairs: Iterable[tuple[Tensor, Tensor]]) -> None:
    each_on_its_own(student, "convolve", (_case(img, kernel) for img, kernel in pairs))


@check(
    "q2_2", 2, family="images and kernels that are not square", hint="Rows and columns have their own sizes."
)
def test_not_square(student: Student, rng: Generator) -> None:
    """Kernels of other sizes than 3 x 3."""
    _check(student, drawn(rng, NOT_SQUARE))


@check(
    "q2_2",
    1,
    family="kernels of one element, one row, one column, or as large as the image",
    hint="The result has H - rK + 1 rows and W - cK + 1 columns, whatever the kernel.",
)
def test_extremes(student: Student, rng: Generator) -> None:
    """The smallest and largest kernels that fit."""
    _check(student, drawn(rng, EXTREMES))


@check(
    "q2_2",
    0.5,
    family="float64 input",
    hint="The result has the input's dtype; a tensor made without `dtype=` is float32.",
)
def test_float64(student: Student, rng: Generator) -> None:
    """Double precision in, double precision out."""
    _check(student, drawn(rng, NOT_SQUARE[:2], torch.float64))


@check(
    "q2_2",
    1,
    family="views that are not contiguous, arguments by name, arguments that the caller still needs",
    hint="Leave img and kernel as they were, and do not rely on how they lie in memory.",
)
def test_layouts(student: Student, rng: Generator) -> None:
    """Transposed and strided views, the latter as named arguments."""
    layouts = (("transposed", False), ("strided", True))
    cases = (_case(noise(rng, (4, 6)), noise(rng, (3, 2)), *how) for how in layouts)
    each_on_its_own(student, "convolve", cases)


@check("q2_2", 1, family=FAMILY, hint=HINT)
def test_combinations(student: Student, rng: Generator) -> None:
    """Every pair of levels of the domain."""

    def right(x: Tensor, k: Tensor) -> Tensor:
        return F.conv2d(x[None, None], k[None, None])[0, 0]

    combinations(student, rng, CONVOLUTION, "convolve", ("img", "kernel"), lambda *_: (right, {}))

"""Hidden checks of q2_1: `compute_convolution_at_position` against `F.conv2d`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from autograder.checking.check import check
from autograder.checking.covering import Row
from autograder.checking.judge import Case, Reply, close, each_on_its_own, tensor_like, well_behaved
from autograder.checking.student import Student
from autograder.values import Value
from lab06 import tolerances
from lab06.hidden.combined import FAMILY, HINT, Formula, combinations
from lab06.hidden.domains import POSITION
from lab06.hidden.inputs import EXTREMES, NOT_SQUARE, Shape, drawn, noise, outputs


def _positions(rows: int, columns: int) -> list[tuple[int, int]]:
    """Corners and one inside, 1-based."""
    return sorted({(1, 1), (1, columns), (rows, 1), (rows, columns), (rows // 2 + 1, columns // 2 + 1)})


def _cases(img: Tensor, kernel: Tensor, layout: str = "contiguous", by_name: bool = False) -> Iterator[Case]:
    rows, columns = outputs(tuple(img.shape), tuple(kernel.shape))  # type: ignore[arg-type]
    expected = F.conv2d(img.double()[None, None], kernel.double()[None, None])[0, 0].to(img.dtype)
    bound = tolerances.convolution(img, kernel, img.dtype)
    sizes = f"img {tuple(img.shape)}, kernel {tuple(kernel.shape)}"
    for i, j in _positions(rows, columns):
        call = f"compute_convolution_at_position({i}, {j}, {sizes})"

        def judge(reply: Reply, call: str = call, wanted: Tensor = expected[i - 1, j - 1]) -> None:
            close(tensor_like(reply.reply("value"), wanted, call), wanted, bound, call)
            well_behaved(reply, [img, kernel], call)

        yield {"img": img, "kernel": kernel, "i": i, "j": j, "layout": layout, "by_name": by_name}, judge


def _check(student: Student, pairs: Iterable[tuple[Tensor, Tensor]]) -> None:
    each_on_its_own(student, "convolve_at", (case for img, kernel in pairs for case in _cases(img, kernel)))


@check(
    "q2_1", 1, family="images and kernels that are not square", hint="Rows and columns have their own sizes."
)
def test_not_square(student: Student, rng: Generator) -> None:
    """Every corner and a middle position."""
    _check(student, drawn(rng, NOT_SQUARE))


@check("q2_1", 1, family="kernels of one element, one row, one column, or as large as the image")
def test_extremes(student: Student, rng: Generator) -> None:
    """The smallest and largest kernels that fit."""
    _check(student, drawn(rng, EXTREMES))


@check(
    "q2_1",
    0.5,
    family="float64 input",
    hint="The result has the input's dtype, and the sum is made in that dtype.",
)
def test_float64(student: Student, rng: Generator) -> None:
    """Double precision in, double precision out."""
    _check(student, drawn(rng, NOT_SQUARE[:2], torch.float64))


@check(
    "q2_1",
    1,
    family="views that are not contiguous, arguments by name, arguments that the caller still needs",
    hint="Leave img and kernel as they were, and do not rely on how they lie in memory.",
)
def test_layouts(student: Student, rng: Generator) -> None:
    """Transposed and strided views, the latter as named arguments."""
    for layout in ("transposed", "strided"):
        cases = _cases(noise(rng, (5, 6)), noise(rng, (2, 3)), layout, layout == "strided")
        each_on_its_own(student, "convolve_at", cases)


@check("q2_1", 1, family=FAMILY, hint=HINT)
def test_combinations(student: Student, rng: Generator) -> None:
    """Every pair of levels of the domain, at the corners and inside."""

    def formula(row: Row, img: Shape, kernel: Shape) -> tuple[Formula, dict[str, Value]]:
        rows, columns = outputs(img, kernel)
        inside = rows // 2 + 1, columns // 2 + 1
        corners = {
            "first": (1, 1),
            "last": (rows, columns),
            "last row": (rows, 1),
            "last column": (1, columns),
        }
        i, j = corners.get(row["position"], inside)

        def right(x: Tensor, k: Tensor) -> Tensor:
            return (x[i - 1 : i - 1 + kernel[0], j - 1 : j - 1 + kernel[1]] * k).sum()

        return right, {"i": i, "j": j}

    combinations(student, rng, POSITION, "convolve_at", ("img", "kernel"), formula)

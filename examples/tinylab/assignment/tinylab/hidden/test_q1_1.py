"""Hidden checks of q1_1: `normalise_rows` against the definition."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from autograder.checking.check import check
from autograder.checking.judge import Case, Reply, close, each_on_its_own, tensor_like, well_behaved
from autograder.checking.student import Student
from tinylab import tolerances
from tinylab.hidden.inputs import noise


def _case(matrix: Tensor, layout: str = "contiguous", by_name: bool = False) -> Case:
    lengths = torch.linalg.vector_norm(matrix.double(), dim=1, keepdim=True)
    expected = (matrix.double() / lengths).nan_to_num(0.0).to(matrix.dtype)
    call = f"normalise_rows(matrix {tuple(matrix.shape)})"

    def judge(reply: Reply) -> None:
        bound = tolerances.BOUND[matrix.dtype]
        close(tensor_like(reply.reply("value"), expected, call), expected, bound, call)
        well_behaved(reply, [matrix], call)

    return {"matrix": matrix, "layout": layout, "by_name": by_name}, judge


@check(
    "q1_1",
    1,
    family="matrices of any size, some with rows of zeros or with short rows",
    hint="Try one row, one column, and a row that is shorter than 1.",
)
def test_sizes(student: Student, rng: Generator) -> None:
    """One row, one column, one element, rows of zeros, rows that are short."""
    matrices = [noise(rng, *shape) for shape in ((3, 5), (5, 3), (1, 4), (4, 1), (1, 1))]
    with_zeros = noise(rng, 4, 3)
    with_zeros[2] = 0
    matrices += [with_zeros, torch.zeros(2, 3), 0.01 * noise(rng, 3, 4)]
    each_on_its_own(student, "normalise", (_case(matrix) for matrix in matrices))


@check(
    "q1_1",
    1,
    family="float64 input, views that are not contiguous, a matrix that the caller still needs",
    hint="The result has the input's dtype, and the input stays as it was.",
)
def test_float64_and_views(student: Student, rng: Generator) -> None:
    """Double precision, other strides, arguments by name."""
    layouts = ("contiguous", "transposed", "strided")
    cases = (_case(noise(rng, 4, 3, torch.float64), layout, True) for layout in layouts)
    each_on_its_own(student, "normalise", cases)

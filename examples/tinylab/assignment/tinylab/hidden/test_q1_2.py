"""Hidden checks of q1_2: `cosine_similarity` against the definition."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from autograder.checking.check import check
from autograder.checking.judge import Case, Reply, close, each_on_its_own, tensor_like, well_behaved
from autograder.checking.student import Student
from tinylab import tolerances
from tinylab.hidden.inputs import noise


def _case(a: Tensor, b: Tensor, layout: str = "contiguous", by_name: bool = False) -> Case:
    lengths = torch.outer(
        torch.linalg.vector_norm(a.double(), dim=1), torch.linalg.vector_norm(b.double(), dim=1)
    )
    expected = (a.double() @ b.double().T / lengths).nan_to_num(0.0).to(a.dtype)
    call = f"cosine_similarity(a {tuple(a.shape)}, b {tuple(b.shape)})"

    def judge(reply: Reply) -> None:
        bound = tolerances.BOUND[a.dtype]
        close(tensor_like(reply.reply("value"), expected, call), expected, bound, call)
        well_behaved(reply, [a, b], call)

    return {"a": a, "b": b, "layout": layout, "by_name": by_name}, judge


@check(
    "q1_2",
    1,
    family="other numbers of rows, and rows of zeros",
    hint="The result has a row for each row of a, and a column for each row of b.",
)
def test_sizes(student: Student, rng: Generator) -> None:
    """As many rows on both sides, more on one, a single one; a row of zeros."""
    shapes = (((3, 4), (3, 4)), ((2, 3), (5, 3)), ((1, 6), (1, 6)), ((4, 1), (2, 1)))
    pairs = [(noise(rng, *a), noise(rng, *b)) for a, b in shapes]
    with_zeros = noise(rng, 3, 2)
    with_zeros[1] = 0
    pairs += [(with_zeros, noise(rng, 2, 2)), (noise(rng, 2, 2), with_zeros)]
    each_on_its_own(student, "compare", (_case(a, b) for a, b in pairs))


@check(
    "q1_2",
    1,
    family="float64 input, views that are not contiguous, matrices that the caller still needs",
    hint="The result has the input's dtype, and the inputs stay as they were.",
)
def test_float64_and_views(student: Student, rng: Generator) -> None:
    """Double precision, other strides, arguments by name."""
    double = torch.float64
    layouts = ("contiguous", "transposed", "strided")
    cases = (_case(noise(rng, 4, 3, double), noise(rng, 2, 3, double), one, True) for one in layouts)
    each_on_its_own(student, "compare", cases)

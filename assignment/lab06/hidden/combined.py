"""Judges the combinations of a domain's levels, for the three functions that convolve."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import Generator, Tensor

from autograder.checking.covering import Domain, Row, judge_combinations
from autograder.checking.judge import Case, Reply, Wrong, close, same, tensor_like
from autograder.checking.student import Student
from autograder.values import Value
from lab06 import tolerances
from lab06.hidden.domains import drawn_sizes, drawn_tensors

Formula = Callable[[Tensor, Tensor], Tensor]
"""The right result for two tensors, in float64."""

FAMILY = "combinations of sizes (beyond 128 too), dtypes, layouts and values, and calls that follow others"
HINT = (
    "Each of these by itself has a check of its own; here they come together, and one call after another. "
    "A result that was returned must not change later, and no result may depend on earlier calls."
)


def combinations(
    student: Student,
    rng: Generator,
    domain: Domain,
    probe: str,
    names: tuple[str, str],
    formula: Callable[[Row, tuple[int, int], tuple[int, int]], tuple[Formula, dict[str, Value]]],
    *,
    fits: bool = True,
) -> None:
    """Every pair of the domain's levels, with numbers drawn now.

    Args:
        student: whoever answers.
        rng: where sizes within a level and numbers come from.
        domain: the levels.
        probe: what runs the function on two tensors.
        names: those of the two tensors.
        formula: for a row and the tensors' shapes, the right result and the other arguments.
        fits: whether the second tensor is never larger than the first.
    """

    def case(row: Row) -> Case:
        sizes = drawn_sizes(row, rng, fits=fits)
        one, other = drawn_tensors(row, *sizes, rng)
        right, more = formula(row, *sizes)

        def judge(reply: Reply) -> None:
            call = f"{domain.function}({names[0]} {sizes[0]}, {names[1]} {sizes[1]}) with {row}"
            judge_with_history(reply, row, (one, other), partial(_judge, right), call)

        how: dict[str, Value] = {"layout": row["layout"], "history": row["history"]}
        return {names[0]: one, names[1]: other, "by_name": row["call"] == "by name", **how, **more}, judge

    judge_combinations(student, probe, domain, [case(row) for row in domain.rows])


def judge_with_history(
    reply: Reply,
    row: Row,
    given: tuple[Tensor, Tensor],
    judge: Callable[[Reply, Tensor, Tensor, str], None],
    call: str,
) -> None:
    """Judge a result, what became of the arguments, and of the result of an earlier call where there was one.

    Args:
        reply: what `observe_after` reported.
        row: the levels.
        given: the two tensors; an earlier call was given 1 less each number.
        judge: judges a result for two tensors.
        call: what was called, in words.
    """
    judge(reply.reply("value"), *given, call)
    for before, now in zip(given, reply.tensors("arguments", 2), strict=True):
        if not same(before, now):
            raise Wrong(f"{call}\nchanged a tensor that was passed to it.")
    if reply.texts("changed"):
        raise Wrong(f"{call}\nchanged a global setting of torch.")
    if row["history"] == "again":
        one, other = given
        judge(reply.reply("kept"), 1 - one, 1 - other, f"{call}: the result of an earlier call")


def _judge(right: Formula, reply: Reply, one: Tensor, other: Tensor, call: str) -> None:
    expected = right(one.double(), other.double()).to(one.dtype)
    close(
        tensor_like(reply, expected, call),
        expected,
        tolerances.large_convolution(one, other, one.dtype),
        call,
    )

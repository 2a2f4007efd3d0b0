"""Probes of this lab: they run beside student code and return plain values. They know no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import Tensor

from autograder.probing import each_of, laid_out, observe, probe, students_function

if TYPE_CHECKING:
    from autograder.modules import Modules


@probe("normalise_rows")
def normalise(
    modules: Modules,
    *,
    matrix: Tensor,
    layout: str = "contiguous",
    by_name: bool = False,
    own: bool = False,
) -> dict[str, Any]:
    """Run `normalise_rows` on one matrix."""
    _, function = students_function(modules, "vectors", "normalise_rows", own=own)
    return observe(function, ["matrix"], [laid_out(matrix, layout)], by_name=by_name, watched=())


@probe("cosine_similarity")
def compare(
    modules: Modules,
    *,
    a: Tensor,
    b: Tensor,
    layout: str = "contiguous",
    by_name: bool = False,
    own: bool = False,
) -> dict[str, Any]:
    """Run `cosine_similarity` on two matrices."""
    _, function = students_function(modules, "vectors", "cosine_similarity", own=own)
    return observe(
        function, ["a", "b"], [laid_out(a, layout), laid_out(b, layout)], by_name=by_name, watched=()
    )


each = each_of(normalise, compare)

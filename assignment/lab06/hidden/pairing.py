"""Which parameter of a student's model is which of the reference's, however the model is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

from torch import Tensor

from autograder.checking.judge import Reply

Layout = dict[str, tuple[int, ...]]
"""Parameter names and shapes, in order of registration."""


@dataclass(frozen=True)
class Pairing:
    """Student's parameter name to the reference's; `transposed` holds those stored the other way round."""

    names: dict[str, str]
    transposed: frozenset[str]

    def to_student(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        """The reference's weights under the student's names."""
        return {own: self._turned(own, weights[name]) for own, name in self.names.items()}

    def to_reference(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        """The student's weights under the reference's names. KeyError when one is missing."""
        return {name: self._turned(own, weights[own]) for own, name in self.names.items()}

    def _turned(self, own: str, weight: Tensor) -> Tensor:
        return weight.t().contiguous() if own in self.transposed else weight


def layout_of(reply: Reply) -> Layout:
    """The layout that `describe_model` returned."""
    return {item.text("name"): item.sizes("shape") for item in reply.replies("layout")}


def pairings(own: Layout, reference: Layout) -> Iterator[Pairing]:
    """Every way to match the two by shape, the likeliest first; none when the shapes do not fit."""
    if len(own) != len(reference):
        return
    names: dict[str, str] = {}
    transposed: set[str] = set()
    for name, shape in reference.items():
        if len(shape) > 1 and not _match(name, shape, own, names, transposed):
            return
    yield from _with_biases(own, reference, names, frozenset(transposed))


def _match(
    name: str, shape: tuple[int, ...], own: Layout, names: dict[str, str], transposed: set[str]
) -> bool:
    for candidate, other in own.items():
        if candidate not in names and other in (shape, shape[::-1] if len(shape) == 2 else shape):
            names[candidate] = name
            if other != shape:
                transposed.add(candidate)
            return True
    return False


def _with_biases(
    own: Layout, reference: Layout, names: dict[str, str], transposed: frozenset[str]
) -> Iterator[Pairing]:
    wanted = [name for name, shape in reference.items() if len(shape) == 1]
    given = sorted(
        (name for name in own if name not in names), key=lambda name: _place(name, names, reference)
    )
    for order in permutations(given):
        if all(own[mine] == reference[theirs] for mine, theirs in zip(order, wanted, strict=True)):
            yield Pairing({**names, **dict(zip(order, wanted, strict=True))}, transposed)


def _place(bias: str, names: dict[str, str], reference: Layout) -> int:
    """Where the reference has the weight that sits beside this bias in the student's model."""
    owner = bias.rpartition(".")[0]
    order = list(reference)
    beside = [order.index(name) for mine, name in names.items() if mine.rpartition(".")[0] == owner]
    return beside[0] if len(beside) == 1 else len(order)

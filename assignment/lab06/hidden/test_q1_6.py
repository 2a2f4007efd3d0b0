"""Hidden checks of q1_6: `evaluate`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Generator

from autograder.checking.check import check
from autograder.checking.judge import Reply, Told, ask, near, number, pair
from autograder.checking.student import LocalStudent, Student
from lab06 import tolerances
from lab06.hidden.inputs import batches
from lab06.hidden.networks import CNN, MLP, initial


def _case(
    rng: Generator, layers: list[Any], sizes: list[int], shape: tuple[int, ...], **more: Any
) -> dict[str, Any]:
    weights = initial(layers, rng)
    return {
        "layers": layers,
        "weights": weights,
        "batches": batches(rng, sizes, shape, 3),
        "loss": "log",
        **more,
    }


def _compare(student: Student, reference: LocalStudent, arguments: dict[str, Any]) -> Reply:
    wanted, got = ask(reference, "evaluate", **arguments), ask(student, "evaluate", **arguments)
    mine = pair(got.reply("result"), "evaluate")
    theirs = pair(wanted.reply("result"), "evaluate")
    for name, value, right in zip(("mean_loss", "accuracy"), mine, theirs, strict=True):
        near(number(value, name), number(right, name), tolerances.FIGURES, name)
    return got


@check(
    "q1_6",
    2,
    family="other losses, batches of different sizes, any iterable of batches",
    hint="Both figures are means over the examples, whatever the sizes of the batches.",
)
def test_figures(student: Student, reference: LocalStudent, rng: Generator) -> None:
    """A list, a generator, a DataLoader; the last batch holds one example."""
    _compare(student, reference, _case(rng, CNN, [5, 5, 2], (1, 8, 8)))
    for loader, loss in (("generator", "squared error"), ("DataLoader", "margin"), ("list", "log")):
        case = _case(rng, MLP, [4, 4, 1], (5,), loader=loader)
        _compare(student, reference, {**case, "loss": loss})


@check(
    "q1_6",
    1,
    family="no gradients recorded, weights and gradients left as they were",
    hint="Nothing is learnt here: torch need not record anything, and no step is made.",
)
def test_leaves_no_trace(student: Student, reference: LocalStudent, rng: Generator) -> None:
    """Gradients of 3 are in place before, and after."""
    case = _case(rng, MLP, [4, 3], (5,), stale=True)
    got = _compare(student, reference, case)
    after = got.weights("weights")
    if any(not torch.equal(after.get(name, torch.empty(0)), w) for name, w in case["weights"].items()):
        raise Told("evaluate changed the model's weights.")
    if got.flag("recorded"):
        raise Told("While evaluate ran, the model's outputs recorded gradients.")
    gradients = got.tensors("gradients")
    if len(gradients) != len(case["weights"]) or any(not bool((g == 3).all()) for g in gradients):
        raise Told("evaluate changed gradients that were there before.")
    if got.texts("frozen") or got.texts("changed"):
        raise Told("evaluate left parameters frozen or a global setting of torch changed.")

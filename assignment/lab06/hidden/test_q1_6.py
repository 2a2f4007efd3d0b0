"""Hidden checks of q1_6: `evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Generator

from autograder.checking.check import check
from autograder.checking.judge import Told, ask, ask_each, near, number, pair
from autograder.checking.student import LocalStudent, Student
from lab06 import tolerances
from lab06.hidden.inputs import LOG, batches
from lab06.hidden.networks import CNN, MLP, initial
from lab06.hidden.test_q1_5 import on_its_device
from lab06.hidden.training_domains import EVALUATE, drawn_loop


def _case(
    rng: Generator, layers: list[Any], sizes: list[int], shape: tuple[int, ...], **more: Any
) -> dict[str, Any]:
    weights = initial(layers, rng)
    return {
        "layers": layers,
        "weights": weights,
        "batches": batches(rng, sizes, shape, 3),
        "loss": LOG,
        **more,
    }


def _compare(student: Student, reference: LocalStudent, cases: Sequence[dict[str, Any]]) -> None:
    for case, got in zip(cases, ask_each(student, "evaluate", cases), strict=True):
        mine = pair(got.reply("result"), "evaluate")
        theirs = pair(ask(reference, "evaluate", **case).reply("result"), "evaluate")
        for name, value, right in zip(("mean_loss", "accuracy"), mine, theirs, strict=True):
            near(number(value, name), number(right, name), tolerances.FIGURES, name)


@check(
    "q1_6",
    1.5,
    family="combinations of losses, dtypes, batches of different sizes and kinds of loader",
    hint="Both figures are means over the examples, whatever the sizes of the batches.",
)
def test_figures(student: Student, reference: LocalStudent, rng: Generator) -> None:
    """Every pair of levels of the domain, and a CNN."""
    cases = [_case(rng, CNN, [5, 5, 2], (1, 8, 8)), *(drawn_loop(row, rng) for row in EVALUATE.rows)]
    _compare(student, reference, cases)


@check(
    "q1_6",
    1,
    family="no gradients recorded, weights and gradients left as they were",
    hint="Nothing is learnt here: torch need not record anything, and no step is made.",
)
def test_leaves_no_trace(student: Student, rng: Generator) -> None:
    """Gradients of 3 are in place before, and after."""
    case = _case(rng, MLP, [4, 3], (5,), stale=True)
    got = ask(student, "evaluate", **case)
    after = got.weights("weights")
    if any(not torch.equal(after.get(name, torch.empty(0)), w) for name, w in case["weights"].items()):
        raise Told("evaluate changed the model's weights.")
    if got.flag("recorded"):
        raise Told("While evaluate ran, the model's outputs recorded gradients.")
    gradients = got.tensors("gradients")
    before = [torch.full_like(w, 3) for w in case["weights"].values()]
    if len(gradients) != len(before) or not all(map(torch.equal, gradients, before)):
        raise Told("evaluate changed gradients that were there before.")
    if got.texts("frozen") or got.texts("changed"):
        raise Told("evaluate left parameters frozen or a global setting of torch changed.")


@check(
    "q1_6",
    0.5,
    family="a model on a GPU, batches that come from the CPU",
    hint="Push both x and y of each batch to the device that is given; `to` gives a new tensor.",
)
def test_device(student: Student, rng: Generator) -> None:
    """On a simulated GPU, and on the CPU beside it."""
    on_its_device(student, "evaluate_elsewhere", _case(rng, MLP[2:], [3, 2], (8,)))

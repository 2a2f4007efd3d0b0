"""Hidden checks of q1_1: `build_model` against the reference, by its output for given weights."""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor

from autograder.checking.check import check
from autograder.checking.judge import Told, ask, tensor_like
from autograder.checking.student import LocalStudent, Student
from lab06 import tolerances
from lab06.hidden.pairing import Layout, layout_of, pairings

PROBE = torch.zeros(3, 1, 28, 28)  # as many as elsewhere: oneDNN compiles its code for each batch size


def _weights(layout: Layout, rng: Generator) -> dict[str, Tensor]:
    """Random weights that let the signal grow from layer to layer (beyond 6, say), and biases that matter."""
    weights = {}
    for name, shape in layout.items():
        scale = 2 * math.sqrt(2 / math.prod(shape[1:])) if len(shape) > 1 else 0.3
        weights[name] = torch.randn(shape, generator=rng) * scale
    return weights


@check(
    "q1_1",
    6,
    family="the output for given weights is that of the network in the question",
    hint="Go through the list of layers: kind, order, sizes, and a ReLU wherever one is asked for.",
)
def test_output_for_given_weights(student: Student, reference: LocalStudent, rng: Generator) -> None:
    """The same weights in both models, batches of 1 and of 3."""
    theirs = layout_of(ask(reference, "describe_model", images=PROBE))
    own = layout_of(ask(student, "describe_model", images=PROBE))
    weights = _weights(theirs, rng)
    images = torch.rand(3, 1, 28, 28, generator=rng)
    expected = (
        ask(reference, "run_model", weights=dict(weights), images=images).reply("output").tensor("value")
    )
    ways = list(pairings(own, theirs))
    if not ways:
        raise Told("The layers' shapes are not those of the network in the question.")
    if not any(_agrees(student, pairing.to_student(weights), images, expected) for pairing in ways):
        raise Told("With the same weights, the model's output is not that of the network in the question.")


def _agrees(student: Student, weights: dict[str, Tensor], images: Tensor, expected: Tensor) -> bool:
    distances = (_distance(student, weights, images[:n], expected[:n]) for n in (3, 1))
    return all(distance <= tolerances.MODEL_FORWARD for distance in distances)


def _distance(student: Student, weights: dict[str, Tensor], images: Tensor, expected: Tensor) -> float:
    reply = ask(student, "run_model", weights=dict(weights), images=images).reply("output")
    logits = tensor_like(reply, expected, f"the model on {len(images)} images")
    distance = float((logits - expected).norm() / expected.norm())
    return math.inf if math.isnan(distance) else distance


@check(
    "q1_1",
    2,
    family="each call builds a new model whose parameters can all be trained",
    hint="Two calls of build_model must share nothing, and every layer must be part of the output.",
)
def test_fresh_and_trainable(student: Student) -> None:
    """Every parameter gets a gradient; a second model has its own."""
    reply = ask(student, "describe_model", images=PROBE, twice=True)
    names = list(layout_of(reply))  # chosen by the student, so no message of a hidden check may hold them
    if not names or sorted(reply.texts("trainable")) != sorted(names):
        raise Told("Not every parameter gets a gradient from the output.")
    if reply.texts("shared"):
        raise Told("Two calls of build_model() gave models that share parameters.")

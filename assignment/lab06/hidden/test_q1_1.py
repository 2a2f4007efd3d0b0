"""Hidden checks of q1_1: `build_model` against the reference, by its output for given weights."""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor

from autograder.checking.check import check
from autograder.checking.judge import Reply, Told, ask, tensor_like
from autograder.checking.student import LocalStudent, Student
from autograder.values import Value
from lab06 import tolerances
from lab06.hidden.pairing import Layout, layout_of, pairings

SPREAD = 5.0
"""How many times the default's spread that of a layer may be, or the other way round. By default it differs
by 15 % at most (the first layer has 288 weights). Other ways of drawing weights train as well: Kaiming's and
Xavier's differ by 2.3 times in some layer, 0.05 in every layer by 3.9; 0.01 and 1 by 14 and more."""
BIASES = 2.0
"""How many times the default's bound of the layer with the widest a bias may be."""
OFF_CENTRE = 0.4
"""How far the mean of a layer's weights may be from zero, in standard deviations; by default under 0.3."""
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
    4,
    family="the output for given weights is that of the network in the question",
    hint="Go through the list of layers: kind, order, sizes, and a ReLU wherever one is asked for.",
)
def test_output_for_given_weights(student: Student, reference: LocalStudent, rng: Generator) -> None:
    """The same weights in both models, batches of 1 and of 3, ready to train and to be evaluated."""
    theirs = layout_of(ask(reference, "describe_model", images=PROBE))
    own = layout_of(ask(student, "describe_model", images=PROBE))
    weights = _weights(theirs, rng)
    images = torch.rand(6, 1, 28, 28, generator=rng)
    wanted = ask(reference, "run_model", weights=[dict(weights)], images=[images]).replies("outputs", 1)
    expected = wanted[0].tensor("value")
    ways = list(pairings(own, theirs))
    if not ways:
        raise Told("The layers' shapes are not those of the network in the question.")
    given = (_in_order(own, pairing.to_student(weights)) for pairing in ways)
    if not any(_agrees(student, each, images, expected) for each in given):
        raise Told("With the same weights, the model's output is not that of the network in the question.")


def _in_order(own: Layout, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The weights numbered in the order of the model's own, so that a mistake is known by whatever names."""
    return {str(n): weights[name] for n, name in enumerate(own)}


def _agrees(student: Student, weights: dict[str, Tensor], images: Tensor, expected: Tensor) -> bool:
    """Three images to train on, three others of the same shape and one by itself to evaluate."""
    parts = (slice(0, 3), slice(3, 6), slice(0, 1))
    given: dict[str, Value] = {
        "weights": [dict(weights)],
        "images": [images[part] for part in parts],
        "evaluating": True,
    }
    replies = ask(student, "run_model", **given).replies("outputs", len(parts))
    distances = [_distance(reply, expected[part]) for reply, part in zip(replies, parts, strict=True)]
    return all(distance <= tolerances.MODEL_FORWARD for distance in distances)


def _distance(reply: Reply, expected: Tensor) -> float:
    logits = tensor_like(reply, expected, f"the model on {len(expected)} images")
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


@check(
    "q1_1",
    0.5,
    family="the weights of a new model",
    hint="Leave the initialisation to PyTorch's layers; one of your own has to be of the same size.",
)
def test_initial_weights(student: Student, reference: LocalStudent) -> None:
    """Both signs, and a spread near that of the default, in every layer."""
    theirs = layout_of(ask(reference, "describe_model", images=PROBE))
    reply = ask(student, "initial_weights", images=PROBE)
    names = reply.texts("names")
    weights = Reply(dict(zip(names, reply.tensors("weights", len(names)), strict=True))).all_tensors()
    own = {name: tuple(weight.shape) for name, weight in weights.items()}
    pairing = next(pairings(own, theirs), None)
    if pairing is None:
        raise Told("The layers' shapes are not those of the network in the question.")
    if not default_like(pairing.to_reference(weights)):
        raise Told("The weights of a new model are not as large as those that PyTorch's layers begin with.")


def default_like(weights: dict[str, Tensor]) -> bool:
    """Whether weights, under the reference's names, could come from PyTorch's default initialisation.

    By default, weights and biases are spread evenly up to 1 / sqrt(inputs) on both sides of zero.
    """
    bounds = {name: math.prod(w.shape[1:]) ** -0.5 for name, w in weights.items() if w.dim() > 1}
    spread_right = all(_as_wide(weights[name], bound / math.sqrt(3)) for name, bound in bounds.items())
    widest = max(bounds.values())
    return spread_right and all(
        float(w.abs().max()) <= BIASES * widest for w in weights.values() if w.dim() < 2
    )


def _as_wide(weight: Tensor, expected: float) -> bool:
    deviation = float(weight.double().square().mean().sqrt())
    centred = abs(float(weight.double().mean())) <= OFF_CENTRE * deviation
    return centred and expected / SPREAD <= deviation <= expected * SPREAD

"""Public checks of q1_1: `build_model`."""

from __future__ import annotations

import math
from collections.abc import Collection
from itertools import chain, combinations, islice

import torch
from torch import Tensor

from autograder.checking.check import check
from autograder.checking.judge import Wrong, ask, of_kind, tensor_like
from autograder.checking.student import Student
from autograder.values import Value

PARAMETERS = 93_322
IMAGES = torch.linspace(0, 1, 3 * 784).reshape(3, 1, 28, 28)
FIRST = (32, 1, 3, 3)
"""The weights of the block that is given."""
MOST = 10
"""The network has 7 such choices of layers; a wrong one may have many layers."""
LARGEST = 100 * PARAMETERS
"""Parameters of a network that is run."""
MOST_SHAPES, MOST_AXES = 1_000, 8
"""Shapes that are looked at, and their axes."""
CALL = "build_model()(x) with x of shape (3, 1, 28, 28)"


def _shapes(student: Student) -> dict[str, tuple[int, ...]]:
    """The shapes of the network's parameters by name; Wrong where no network has so many."""
    layout = ask(student, "describe_model", images=IMAGES).replies("layout")
    shapes = {item.text("name"): item.sizes("shape") for item in layout[:MOST_SHAPES]}
    if len(layout) > MOST_SHAPES or any(len(shape) > MOST_AXES for shape in shapes.values()):
        raise Wrong(
            f"build_model() has {len(layout):,} weights and biases, some of too many axes, expected 10."
        )
    return shapes


def _count(shapes: dict[str, tuple[int, ...]]) -> int:
    """How many values there are in all."""
    return sum(math.prod(shape) for shape in shapes.values())


@check("q1_1", 2, title="turns images into ten logits each")
def test_output_shape(student: Student) -> None:
    """A batch of 3 images gives 3 x 10 numbers, that are not probabilities."""
    reply = ask(student, "describe_model", images=IMAGES)
    of_kind(reply.text("model"), "Module", "build_model()", "an nn.Module")
    logits = tensor_like(reply.reply("output"), torch.zeros(3, 10), CALL)
    if torch.allclose(logits.exp().sum(1), torch.ones(3)) or torch.allclose(logits.sum(1), torch.ones(3)):
        raise Wrong(f"{CALL}\nreturned probabilities or their logarithms; leave the softmax to the loss.")


@check("q1_1", 2, title=f"has {PARAMETERS:,} parameters")
def test_parameter_count(student: Student) -> None:
    """The number of trainable values is that of the network asked for."""
    shapes = _shapes(student)
    count = _count(shapes)
    if not count:
        told = (
            "are the layers in nn.Sequential or attributes of the module? Those in a plain list are not seen."
        )
        raise Wrong(f"build_model() has no parameters at all, expected {PARAMETERS:,}: {told}")
    if count != PARAMETERS:
        listed = "\n".join(f"  {name}: {shape}" for name, shape in list(shapes.items())[:20])
        raise Wrong(f"build_model() has {count:,} parameters, expected {PARAMETERS:,}. It has\n{listed}")


def _weight(name: str, shape: tuple[int, ...], layers: Collection[str], negative: Collection[str]) -> Tensor:
    """Of a layer all the same, 1 or -1 in the sum for each output; of a bias zeros."""
    if name not in layers:
        return torch.zeros(shape)
    return torch.full(shape, (-1.0 if name in negative else 1.0) / math.prod(shape[1:]))


@check("q1_1", 1.5, title="a ReLU after every layer but the last")
def test_relu_after_every_layer(student: Student) -> None:
    """With biases of 0 and one layer's weights negative, the ReLU behind it leaves only zeros.

    The weights of a second layer are negative too: without the ReLU between them, two signs cancel. They are
    given in their order, so that a mistake is known whatever the layers are called.
    """
    shapes = _shapes(student)
    count = _count(shapes)
    if count > LARGEST:
        raise Wrong(f"build_model() has {count:,} parameters, expected {PARAMETERS:,}.")
    layers = {name: shape for name, shape in shapes.items() if len(shape) > 1 and 0 not in shape}
    added = [name for name, shape in layers.items() if shape != FIRST]
    if not added:
        raise Wrong("build_model() has no layer with weights but the one that is given.")
    last = [name for name in added if 10 in layers[name]]
    chosen = [*islice(chain(combinations(added, 2), ((name,) for name in last)), MOST)]
    runs = list[Value]()
    for negative in chosen:
        runs.append({str(n): _weight(*item, layers, negative) for n, item in enumerate(shapes.items())})
    reply = ask(student, "run_model", weights=runs, images=[IMAGES] * len(runs))
    for negative, output in zip(chosen, reply.replies("outputs", len(runs)), strict=True):
        scores = tensor_like(output, torch.zeros(3, 10), CALL)
        only_last = set(negative) <= set(last)
        if not bool((scores < 0).all() if only_last else (scores == 0).all()):
            expected = "negative ones" if only_last else "0"
            sizes = " and ".join(str(layers[name]) for name in negative)
            why = (
                "is there a ReLU after the last layer? Scores may be negative."
                if only_last
                else f"is there a ReLU between the layers with weights of shape {sizes}?"
            )
            raise Wrong(
                f"build_model(): {why}\nWith all biases 0, and all weights positive but those of shape "
                f"{sizes}, which are negative, it returned scores such as "
                f"{scores.flatten()[0].item():.6g}, expected {expected}."
            )

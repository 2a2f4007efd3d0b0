"""Public checks of q1_1: `build_model`."""

from __future__ import annotations

import math

import torch

from autograder.checking.check import check
from autograder.checking.judge import Wrong, a, ask, tensor_like
from autograder.checking.student import Student

PARAMETERS = 93_322
IMAGES = torch.linspace(0, 1, 3 * 784).reshape(3, 1, 28, 28)
CALL = "build_model()(x) with x of shape (3, 1, 28, 28)"


@check("q1_1", 2, title="turns images into ten logits each")
def test_output_shape(student: Student) -> None:
    """A batch of 3 images gives 3 x 10 numbers, that are not probabilities."""
    reply = ask(student, "describe_model", images=IMAGES)
    if reply.text("model") != "Module":
        raise Wrong(f"build_model() returned {a(reply.text('model'))}, expected an nn.Module.")
    logits = tensor_like(reply.reply("output"), torch.zeros(3, 10), CALL)
    if torch.allclose(logits.exp().sum(1), torch.ones(3)) or torch.allclose(logits.sum(1), torch.ones(3)):
        raise Wrong(f"{CALL}\nreturned probabilities or their logarithms; leave the softmax to the loss.")


@check("q1_1", 2, title=f"has {PARAMETERS:,} parameters")
def test_parameter_count(student: Student) -> None:
    """The number of trainable values is that of the network asked for."""
    layout = ask(student, "describe_model", images=IMAGES).replies("layout")
    shapes = {item.text("name"): item.sizes("shape") for item in layout}
    count = sum(math.prod(shape) for shape in shapes.values())
    if count != PARAMETERS:
        listed = "\n".join(f"  {name}: {shape}" for name, shape in list(shapes.items())[:20])
        raise Wrong(f"build_model() has {count:,} parameters, expected {PARAMETERS:,}. It has\n{listed}")

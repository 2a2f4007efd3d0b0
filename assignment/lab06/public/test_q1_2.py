"""Public checks of q1_2: `move_to_device`."""

from __future__ import annotations

from autograder.checking.check import check
from autograder.checking.judge import Wrong, a, ask
from autograder.checking.student import Student


@check("q1_2", 1, title="returns the model with its weights, on the CPU")
def test_returns_the_model(student: Student) -> None:
    """Moving to the CPU gives back a model with the same weights."""
    reply = ask(student, "move", device="cpu")
    if reply.text("kind") != "Module":
        raise Wrong(f"move_to_device(model, 'cpu') returned {a(reply.text('kind'))}, expected the model.")
    if reply.texts("devices") != ["cpu"] or not reply.flag("kept"):
        raise Wrong("move_to_device(model, 'cpu') returned a model with other weights than it was given.")

"""Public checks of q1_2: `move_to_device`."""

from __future__ import annotations

from autograder.checking.check import check
from autograder.checking.judge import Wrong, ask, of_kind
from autograder.checking.student import Student


@check("q1_2", 0.5, title="returns the model with its weights, on the CPU")
def test_returns_the_model(student: Student) -> None:
    """Moving to the CPU gives back a model with the same weights."""
    reply = ask(student, "move", device="cpu")
    of_kind(reply.text("kind"), "Module", "move_to_device(model, 'cpu')", "the model")
    if not reply.flag("moved"):
        raise Wrong("move_to_device(model, 'cpu') returned a model that is not on the CPU.")
    if not reply.flag("kept"):
        raise Wrong("move_to_device(model, 'cpu') returned a model with other weights than it was given.")


@check("q1_2", 0.5, title="moves every parameter to the device")
def test_moves_every_parameter(student: Student) -> None:
    """To a simulated GPU, which every machine has."""
    reply = ask(student, "move", device="cuda")
    of_kind(reply.text("kind"), "Module", "move_to_device(model, torch.device('cuda'))", "the model")
    if not reply.flag("moved"):
        raise Wrong(
            "move_to_device(model, torch.device('cuda')), on a simulated GPU\n"
            "returned a model with parameters or buffers that are not there."
        )

"""Hidden checks of q1_2: `move_to_device`, on a simulated GPU."""

from __future__ import annotations

from autograder.checking.check import check
from autograder.checking.judge import Told, ask_each
from autograder.checking.student import Student
from autograder.values import Value


@check(
    "q1_2",
    1,
    family="a device other than the CPU",
    hint="Use the device that is given as an argument, and change nothing else of the model.",
)
def test_other_device(student: Student) -> None:
    """To the simulated GPU by its name, and to the CPU of a machine that has a GPU."""
    moves: list[dict[str, Value]] = [
        {"device": "cuda:0", "as_text": True, "double": False},
        {"device": "cpu", "as_text": False, "double": True},
    ]
    for reply in ask_each(student, "move", moves):
        if reply.text("kind") != "Module" or not reply.flag("moved"):
            raise Told("Not every parameter and buffer of the returned model is on the requested device.")
        if not reply.flag("kept"):
            raise Told("The returned model lacks parameters, values or the dtype of the model passed in.")
        if not reply.flag("trainable"):
            raise Told("The returned model can no longer be trained as the model passed in.")
        if not reply.flag("same"):
            raise Told("The returned model does not compute what the model passed in computed.")

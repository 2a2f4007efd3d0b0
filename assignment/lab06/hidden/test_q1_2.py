"""Hidden checks of q1_2: `move_to_device`."""

from __future__ import annotations

from autograder.checking.check import check
from autograder.checking.judge import Told, ask
from autograder.checking.student import Student


@check("q1_2", 1, family="a device other than the CPU", hint="Use the device that is given as an argument.")
def test_other_device(student: Student) -> None:
    """The meta device holds no values, but every parameter shows that it is there."""
    for as_text in (False, True):
        reply = ask(student, "move", device="meta", as_text=as_text)
        if reply.text("kind") != "Module" or reply.texts("devices") != ["meta"]:
            raise Told("Not every parameter of the returned model is on the requested device.")
        if not reply.flag("kept"):
            raise Told("The returned model lacks the parameters or the dtype of the model passed in.")
    if not ask(student, "move", device="cpu", double=True).flag("kept"):
        raise Told("A model with float64 weights came back with other weights.")

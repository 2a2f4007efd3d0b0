"""The bank of known mistakes: wrong solutions that many write, each with a name and a hint.

`misconceptions/<function>/<name>.py` holds a docstring (a sentence that says what is wrong, then a hint) and
code that makes the mistake. The grader runs it on the very call that went wrong. It is never part of what
students get.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from autograder.checking.diagnosis import Call, Mistake, failed, without_trace
from autograder.checking.student import LocalStudent, StudentFailure
from autograder.values import Value

FOLDER = Path(__file__).parent / "misconceptions"
MODULES = {
    "build_model": "model",
    "move_to_device": "training",
    "compute_convolution_at_position": "convolution",
    "apply_convolution": "convolution",
    "conv_gradient_wrt_input": "gradient",
    "gradient_ascent": "gradient",
    "make_loss": "training",
    "make_optimizer": "training",
    "train_one_epoch": "training",
    "evaluate": "training",
}
FUNCTIONS = {
    "convolve_at": "compute_convolution_at_position",
    "convolve": "apply_convolution",
    "input_gradient": "conv_gradient_wrt_input",
    "ascend": "gradient_ascent",
    "run_model": "build_model",
    "move": "move_to_device",
    "loss_of": "make_loss",
    "optimizer_steps": "make_optimizer",
    "train": "train_one_epoch",
    "evaluate": "evaluate",
}
"""The function that each probe runs, where outcomes are the same each time."""


@dataclass(frozen=True)
class Entry:
    """One mistake of the bank and its code."""

    mistake: Mistake
    function: str
    text: str

    def outcome(self, call: Call) -> Value:
        """What the mistake makes of a call."""
        try:
            student = LocalStudent({MODULES[self.function]: self.text})
            return without_trace(student.run(call.probe, **call.arguments))
        except StudentFailure as failure:
            return failed(failure)


class LiveBank:
    """Runs the mistakes, here in this process: they are our own code."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder

    def outcomes(self, call: Call) -> Iterable[tuple[Mistake, Value]]:
        """Each mistake of the probe's function with its outcome."""
        probe = call.arguments.get("probe") if call.probe == "each" else call.probe
        function = FUNCTIONS.get(str(probe), "")
        if function:
            yield from _outcomes(self._folder, function, call)


@lru_cache(maxsize=512)
def _outcomes(folder: Path, function: str, call: Call) -> list[tuple[Mistake, Value]]:
    return [(entry.mistake, entry.outcome(call)) for entry in entries(folder, function)]


@cache
def entries(folder: Path, function: str) -> tuple[Entry, ...]:
    """The bank's entries for one function, by name. ValueError when one lacks its docstring."""
    return tuple(_entries(folder, function)) if function else ()


def _entries(folder: Path, function: str) -> Iterator[Entry]:
    for path in sorted((folder / function).glob("*.py")):
        text = path.read_text("utf-8")
        sentence, _, hint = (ast.get_docstring(ast.parse(text)) or "").partition("\n\n")
        if not hint.strip():
            raise ValueError(f"{path}: begins with no docstring of a sentence, an empty line and a hint")
        name = path.stem.replace("_", " ")
        yield Entry(Mistake(name, " ".join(f"{sentence} {hint}".split())), function, text)

"""The bank of known mistakes: wrong solutions that many write, each with a name and a hint.

`misconceptions/<function>/<name>.py` in the lab's package holds a docstring (a sentence that says what is
wrong, then a hint) and code that makes the mistake. The grader runs it on the very call that went wrong. It
is never part of what students get.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from types import ModuleType

from autograder.checking.diagnosis import Call, KnownMistake, failed, without_trace
from autograder.checking.stand_ins import stand_ins
from autograder.checking.student import LocalStudent, StudentFailure
from autograder.lab import Lab, LabError
from autograder.modules import Given
from autograder.probing import function_of
from autograder.values import Value


@dataclass(frozen=True)
class Room:
    """What mistakes run in: the lab's probes, and what stands in for other questions' functions."""

    probes: ModuleType
    given: Given = field(compare=False)


def _room(lab: Lab) -> Room:
    return Room(lab.probes, stand_ins(lab))


@dataclass(frozen=True)
class Entry:
    """One mistake of the bank, and its code in place of the module that asks for its function."""

    mistake: KnownMistake
    module: str
    text: str

    def outcome(self, call: Call, room: Room) -> Value:
        """What the mistake makes of a call."""
        try:
            student = LocalStudent({self.module: self.text}, room.probes, room.given)
            return without_trace(student.run(call.probe, **call.arguments))
        except StudentFailure as failure:
            return failed(failure)


class LiveBank:
    """Runs a lab's mistakes (or those in `folder`), here in this process: they are our own code."""

    def __init__(self, lab: Lab, folder: Path | None = None) -> None:
        self._lab = lab
        self._folder = folder or lab.misconceptions

    def outcomes(self, call: Call) -> Iterable[tuple[KnownMistake, Value]]:
        """Each mistake of the probe's function with its outcome."""
        probe = call.arguments.get("probe") if call.probe == "each" else call.probe
        function = function_of(self._lab.probes, str(probe))
        question = self._lab.question_of(function) if function else None
        if question is not None:
            yield from _outcomes(self._folder, function, question.module, _room(self._lab), call)


@lru_cache(maxsize=512)
def _outcomes(
    folder: Path, function: str, module: str, room: Room, call: Call
) -> list[tuple[KnownMistake, Value]]:
    return [(entry.mistake, entry.outcome(call, room)) for entry in entries(folder, function, module)]


@cache
def entries(folder: Path, function: str, module: str) -> tuple[Entry, ...]:
    """The bank's entries for one function, by name. LabError when one lacks its docstring."""
    return tuple(_entries(folder, function, module))


def _entries(folder: Path, function: str, module: str) -> Iterator[Entry]:
    for path in sorted((folder / function).glob("*.py")):
        text = path.read_text("utf-8")
        try:
            docstring = ast.get_docstring(ast.parse(text))
        except SyntaxError as error:
            raise LabError(f"{path}:{error.lineno}: {error.msg}") from None
        sentence, _, hint = (docstring or "").partition("\n\n")
        if not hint.strip():
            raise LabError(f"{path}:1: begin with a docstring of a sentence, an empty line and a hint")
        name = path.stem.replace("_", " ")
        yield Entry(KnownMistake(name, " ".join(f"{sentence} {hint}".split())), module, text)

"""The bank of known mistakes: wrong solutions that many write, each with a name and a hint.

`misconceptions/<function>/<name>.py` in the lab's package holds a docstring (a sentence that says what is
wrong, then a hint) and code that makes the mistake. The grader runs it on the very call that went wrong. It
is never part of what students get.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from types import ModuleType

from autograder.checking.diagnosis import (
    Call,
    Evidence,
    KnownMistake,
    failed,
    known_same,
    loosely,
    ordered,
    without_trace,
)
from autograder.checking.outcome import PLACE
from autograder.checking.stand_ins import stand_ins
from autograder.checking.student import LocalStudent, StudentFailure
from autograder.lab import Lab, LabError
from autograder.lab.reading import read_text
from autograder.modules import Given
from autograder.probing import draws, function_of
from autograder.timeouts import TimeLimit
from autograder.values import Value

_BROKEN = frozenset({"NameError", "ImportError", "ModuleNotFoundError", "SyntaxError", "IndentationError"})
"""Exceptions that say nothing of what was misunderstood: a known mistake that raises one is broken itself."""
_LACKING = re.compile(r"AttributeError: (module '|\w+\.py defines no function )")


class BrokenMistake(LabError):
    """A known mistake that does not run as it was meant to; the text is `file:line: why; what to do`."""


@dataclass(frozen=True)
class Room:
    """What mistakes run in: the lab's probes, and what stands in for other questions' functions."""

    probes: ModuleType
    given: Given = field(compare=False)


@dataclass(frozen=True)
class CodedMistake:
    """One mistake of the bank, and its code in place of the module that asks for its function."""

    mistake: KnownMistake
    module: str
    text: str
    path: Path

    def student(self, room: Room, limit: TimeLimit | None = None) -> LocalStudent:
        """Someone who handed the mistake in."""
        return LocalStudent({self.module: self.text}, room.probes, room.given, limit=limit)

    def outcome(self, call: Call, room: Room) -> Value:
        """What the mistake makes of a call. BrokenMistake where that is no mistake of a student's."""
        try:
            return without_trace(self.student(room).run(call.probe, **call.arguments))
        except StudentFailure as failure:
            if _is_broken(failure):
                raise BrokenMistake(self._blame(failure)) from None
            return failed(failure)

    def _blame(self, failure: StudentFailure) -> str:
        told = failure.message.partition("\n")[0].rstrip(".")
        place = f"{self.path}:{line_in(failure.trace) or 1}"
        return f"{place}: {told}; correct it: this fault hides the mistake that it is to show"


def line_in(trace: str) -> int | None:
    """The innermost line of a module that a trace names."""
    lines = [int(found["line"]) for found in PLACE.finditer(trace)]
    return lines[-1] if lines else None


def _is_broken(failure: StudentFailure) -> bool:
    """Whether a failure is one of code that was not finished, such as a name that is nowhere imported."""
    return failure.kind in _BROKEN or bool(_LACKING.match(failure.message))


class LiveBank:
    """Runs a lab's mistakes (or those in `folder`), here in this process: they are our own code."""

    def __init__(self, lab: Lab, folder: Path | None = None) -> None:
        self._lab = lab
        self._folder = folder or lab.misconceptions
        self._room = Room(lab.probes, stand_ins(lab))

    def mistakes(self, call: Call) -> tuple[CodedMistake, ...]:
        """The mistakes of the probe's function."""
        return self._entries(self._function(call))

    def outcome(self, coded: CodedMistake, call: Call) -> Value:
        """What a mistake makes of a call; None where nothing is known of it.

        BrokenMistake names one that fails in a way that shows no mistake.
        """
        return _outcome(coded, self._room, call.asked)

    def explaining(self, evidence: Sequence[Evidence]) -> list[KnownMistake]:
        """The mistakes of the function asked for that have the outcome of each call of a question's checks.

        A call whose probe is not marked (see `autograder.probing.probe`) says nothing where its check passed;
        where it failed, no mistake can be said to explain it.
        """
        unknown = [e for e in evidence if not e.passed and not all(map(self._function, e.calls))]
        calls = [call for call in ordered(evidence) if self._function(call)]
        functions = {self._function(call) for call in calls}
        if unknown or len(functions) != 1 or any(call.outcome is None for call in calls):
            return []
        parts = [part for call in calls for part in call.cases()]
        entries = self._entries(functions.pop())
        return [entry.mistake for entry in entries if all(self._explains(entry, part) for part in parts)]

    def students(self, question: str, limit: TimeLimit) -> Iterator[tuple[CodedMistake, LocalStudent]]:
        """The mistakes of a question's functions, each as a student's module."""
        for function in self._lab.question(question).functions:
            for entry in self._entries(function):
                yield entry, entry.student(self._room, limit)

    def _explains(self, coded: CodedMistake, call: Call) -> bool:
        try:
            got, made = call.outcome, _outcome(coded, self._room, call.asked)
        except BrokenMistake:
            return False
        if draws(self._lab.probes, _probe(call)):
            got, made = loosely(got), loosely(made)
        return known_same(got, made)

    def _function(self, call: Call) -> str:
        return function_of(self._lab.probes, _probe(call))

    def _entries(self, function: str) -> tuple[CodedMistake, ...]:
        question = self._lab.question_of(function) if function else None
        return entries(self._folder, function, question.module) if question else ()


def _probe(call: Call) -> str:
    """The probe that a call is about."""
    return str(call.arguments.get("probe") if call.probe == "each" else call.probe)


@lru_cache(maxsize=4096)
def _outcome(coded: CodedMistake, room: Room, call: Call) -> Value:
    """Kept for the next submission, so `call` is one without an outcome (`Call.asked`)."""
    return coded.outcome(call, room)


def known_mistakes(lab: Lab) -> Iterator[CodedMistake]:
    """All mistakes of a lab, by question. LabError when one lacks its docstring."""
    for question in lab.auto_graded:
        for function in question.functions if not question.training else ():
            yield from entries(lab.misconceptions, function, question.module)


@cache
def entries(folder: Path, function: str, module: str) -> tuple[CodedMistake, ...]:
    """The bank's entries for one function, by name. LabError when one lacks its docstring."""
    return tuple(_entries(folder, function, module))


def _entries(folder: Path, function: str, module: str) -> Iterator[CodedMistake]:
    for path in sorted((folder / function).glob("*.py")):
        text = read_text(path)
        try:
            docstring = ast.get_docstring(ast.parse(text))
        except SyntaxError as error:
            raise LabError(f"{path}:{error.lineno}: {error.msg}") from None
        sentence, _, hint = (docstring or "").partition("\n\n")
        if not hint.strip():
            raise LabError(f"{path}:1: begin with a docstring of a sentence, an empty line and a hint")
        name = path.stem.replace("_", " ")
        yield CodedMistake(KnownMistake(name, " ".join(f"{sentence} {hint}".split())), module, text, path)

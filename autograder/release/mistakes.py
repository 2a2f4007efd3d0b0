"""The table by which students' public checks name known mistakes: their outcomes, without their code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import torch

from autograder.checking.bank import CodedMistake, LiveBank, line_in
from autograder.checking.catalog import catalog
from autograder.checking.check import Check, function_of
from autograder.checking.context import Reference, ReferenceFailed
from autograder.checking.diagnosis import (
    TOLD,
    Call,
    KnownMistake,
    failed,
    known_same,
    loosely,
    plain,
    rounded,
    same,
    unplain,
    without_trace,
)
from autograder.checking.endless import Endless, bounded
from autograder.checking.judge import Wrong
from autograder.checking.outcome import PLACE
from autograder.checking.stand_ins import stand_ins
from autograder.checking.student import LocalStudent, StudentFailure
from autograder.eager import without_dynamo
from autograder.lab import Lab, LabError
from autograder.probing import draws
from autograder.timeouts import TimedOut, TimeLimit, Watch
from autograder.values import Value

LARGEST = 20_000  # characters of one outcome


def table_bytes(lab: Lab) -> bytes:
    """The table's text: for each call of a public check the mistakes that answer it wrong.

    A mistake that answers otherwise each time makes another table each time: then a release, which compares
    this with the one that is there, does not come to pass. LabError when a check does not run.
    """
    without_dynamo()
    torch.set_num_threads(1)  # for tensors as small as these, threads only wait for each other
    entries = {}
    try:
        calls = _public_calls(lab)
    except Endless as error:
        raise LabError(str(error)) from None
    for call in calls:
        if found := list(_wrong(lab, call)):
            entries[call.key] = found
    lines = (
        f"{json.dumps(key)}:{json.dumps(found, sort_keys=True, separators=(',', ':'))}"
        for key, found in sorted(entries.items())
    )
    return ("{" + ",\n".join(lines) + "}\n").encode()


def _wrong(lab: Lab, call: Call) -> Iterator[dict[str, object]]:
    """The mistakes that have another outcome of this call than the right one; None for one that is too large.

    A mistake that is listed is wrong here, so that a student who is right here does not make it.
    """
    random = draws(lab.probes, call.probe)
    right = loosely(call.outcome) if random else call.outcome
    for mistake, outcome in _in_time(lab, call):
        if not known_same(loosely(outcome) if random else outcome, right):
            told = None if random else rounded(plain(outcome), TOLD)
            fits = len(json.dumps(told)) <= LARGEST
            yield {"name": mistake.name, "text": mistake.text, "outcome": told if fits else None}


def _in_time(lab: Lab, call: Call) -> Iterator[tuple[KnownMistake, Value]]:
    """Each mistake with its outcome. LabError for one that takes longer than an answer may."""
    bank = LiveBank(lab)
    for coded in bank.mistakes(call):
        try:
            with Watch(_limit(lab), [f"{coded.module}.py"]):
                outcome = bank.outcome(coded, call)
        except TimedOut as over:
            raise _endless(coded, over.message, over.trace) from None
        yield coded.mistake, outcome


def _endless(coded: CodedMistake, told: str, trace: str) -> LabError:
    """What is said of a known mistake that takes longer than an answer may: with the line where it was."""
    line = line_in(trace) or 1
    return LabError(
        f"{coded.path}:{line}: this known mistake does not end in time: {told}; let it return or raise"
    )


def _limit(lab: Lab) -> TimeLimit:
    """How long one call may take: a call in a lab's own sources that never ends would stop every command."""
    return TimeLimit(lab.limits.wall_seconds, lab.limits.cpu_seconds)


def same_table(one: bytes, other: bytes) -> bool:
    """Whether two tables are equal but for rounding, in which processors differ."""
    if one == other:
        return True
    try:
        return same(_values(one), _values(other))
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError):
        return False  # one is no table, such as after a merge that left marks in it


def _values(table: bytes) -> Value:
    return {
        key: [[entry["name"], entry["text"], unplain(entry["outcome"])] for entry in entries]
        for key, entries in json.loads(table).items()
    }


class _Recorder:
    """A student whose every call is noted, with what the reference makes of it."""

    def __init__(self, reference: Reference, answering: LocalStudent | None = None) -> None:
        self._reference = reference
        self._answering = answering or reference
        self.calls: dict[str, Call] = {}

    def run(self, probe: str, /, **arguments: Value) -> Value:
        try:
            outcome = self._answering.run(probe, **arguments)
        finally:
            call = Call(probe, arguments, None)
            if call.key not in self.calls:
                self.calls[call.key] = replace(call, outcome=self._right(call))
        return outcome

    def _right(self, call: Call) -> Value:
        """The reference may be unable to answer what a check asks of another solution only."""
        try:
            return without_trace(self._reference.run(call.probe, **call.arguments))
        except RuntimeError as error:
            return failed(StudentFailure("error", "RuntimeError", str(error)))


def _place(lab: Lab, failure: StudentFailure) -> str:
    """The innermost line of the reference that a failure names; "" where it is in none."""
    found = list(PLACE.finditer(failure.trace))
    return f"{lab.solutions / found[-1]['file']}:{found[-1]['line']}" if found else ""


def _unanswered(lab: Lab, check: Check, error: Exception) -> LabError:
    """What is said of a public check that the reference does not answer: with the line that is to blame."""
    if not isinstance(error, ReferenceFailed):
        told = f"{check.function} does not run on the reference: {type(error).__name__}: {error}"
        return LabError(f"{check.place}: {told}")
    if place := _place(lab, error.failure):
        why = error.failure.message.partition("\n")[0]
        return LabError(f"{place}: the reference fails in the check {check.function}: {why}; correct it")
    return LabError(f"{check.place}: {check.function} does not run on the reference: {error}")


def _public_calls(lab: Lab) -> list[Call]:
    """What public checks ask of the reference, and what they ask of a mistake only.

    A check that calls more than once may choose a later call by an earlier reply, as one that sets a
    network's weights by their names does; so it is run on the mistakes too.
    """
    reference = Reference(lab.reference(), lab.probes, stand_ins(lab), _limit(lab))
    bank = LiveBank(lab)
    calls: dict[str, Call] = {}
    for check in catalog(lab, hidden=False):
        if lab.question(check.question).training:
            continue
        recorder = _Recorder(reference)
        try:
            with bounded(check, lab):
                function_of(check)(recorder)
        except Wrong:
            continue  # the self-test says that the reference is wrong
        except Exception as error:
            raise _unanswered(lab, check, error) from error
        calls |= recorder.calls
        if len(recorder.calls) > 1:
            for coded, student in bank.students(check.question, _limit(lab)):
                other = _Recorder(reference, student)
                try:
                    with suppress(Wrong), bounded(check, lab):
                        function_of(check)(other)
                except StudentFailure as failure:
                    if failure.verdict == "timeout":
                        raise _endless(coded, failure.message, failure.trace) from None
                calls = other.calls | calls
    return list(calls.values())

"""The table by which students' public checks name known mistakes: their outcomes, without their code."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

from autograder.checking.bank import LiveBank
from autograder.checking.catalog import catalog
from autograder.checking.check import function_of
from autograder.checking.context import Reference
from autograder.checking.diagnosis import Call, KnownMistake, plain, same, without_trace
from autograder.checking.judge import Wrong
from autograder.checking.student import LocalStudent
from autograder.lab import Lab
from autograder.values import Value

LARGEST = 20_000  # characters of one outcome


def table_bytes(lab: Lab) -> bytes:
    """The table's text: for each call of a public check the mistakes that answer it wrong."""
    entries = {}
    for call in _public_calls(lab):
        found = [_entry(mistake, outcome) for mistake, outcome in _wrong(lab, call)]
        if found:
            entries[call.key] = found
    return (json.dumps(dict(sorted(entries.items())), indent=0, sort_keys=True) + "\n").encode()


def _entry(mistake: KnownMistake, outcome: Value) -> dict[str, object]:
    return {"name": mistake.name, "text": mistake.text, "outcome": plain(outcome)}


def _wrong(lab: Lab, call: Call) -> Iterator[tuple[KnownMistake, Value]]:
    """The mistakes that have a steady outcome of this call, other than the right one."""
    bank = LiveBank(lab)
    for (mistake, outcome), (_, second) in zip(bank.outcomes(call), bank.outcomes(call), strict=True):
        steady = outcome is not None and same(outcome, second) and not same(outcome, call.outcome)
        if steady and len(json.dumps(plain(outcome))) <= LARGEST:
            yield mistake, outcome


class _Recorder:
    """The reference, noting every call."""

    def __init__(self, lab: Lab) -> None:
        self._reference: LocalStudent = Reference(lab.reference(), lab.probes)
        self.calls: dict[str, Call] = {}

    def run(self, probe: str, /, **arguments: Value) -> Value:
        outcome = self._reference.run(probe, **arguments)
        call = Call(probe, arguments, without_trace(outcome))
        self.calls.setdefault(call.key, call)
        return outcome


def _public_calls(lab: Lab) -> list[Call]:
    recorder = _Recorder(lab)
    for check in catalog(lab, hidden=False):
        if not lab.question(check.question).training:
            with contextlib.suppress(Wrong):  # a wrong reference is the self-test's to tell
                function_of(check)(recorder)
    return list(recorder.calls.values())

"""The table by which students' public checks name known mistakes: their outcomes, without their code."""

from __future__ import annotations

import json
from collections.abc import Iterator

import torch

from autograder.checking.bank import LiveBank
from autograder.checking.catalog import catalog
from autograder.checking.check import function_of
from autograder.checking.context import Reference
from autograder.checking.diagnosis import Call, plain, same, without_trace
from autograder.checking.judge import Wrong
from autograder.checking.stand_ins import stand_ins
from autograder.checking.student import LocalStudent
from autograder.grading.eager import without_dynamo
from autograder.lab import Lab, LabError
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
    for call in _public_calls(lab):
        if found := list(_wrong(lab, call)):
            entries[call.key] = found
    return (json.dumps(dict(sorted(entries.items())), indent=0, sort_keys=True) + "\n").encode()


def _wrong(lab: Lab, call: Call) -> Iterator[dict[str, object]]:
    """The mistakes that have another outcome of this call than the right one."""
    for mistake, outcome in LiveBank(lab).outcomes(call):
        if outcome is not None and not same(outcome, call.outcome):
            told = plain(outcome)
            if len(json.dumps(told)) <= LARGEST:
                yield {"name": mistake.name, "text": mistake.text, "outcome": told}


class _Recorder:
    """The reference, noting every call."""

    def __init__(self, lab: Lab) -> None:
        self._reference: LocalStudent = Reference(lab.reference(), lab.probes, stand_ins(lab))
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
            try:
                function_of(check)(recorder)
            except Wrong:
                continue  # the self-test says that the reference is wrong
            except Exception as error:
                told = f"{check.function} does not run on the reference: {type(error).__name__}: {error}"
                raise LabError(f"{check.place}: {told}") from error
    return list(recorder.calls.values())

"""The table by which students' public checks name known mistakes: their outcomes, without their code."""

from __future__ import annotations

import contextlib
import importlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from autograder.checking import diagnosis
from autograder.checking.bank import FOLDER, LiveBank
from autograder.checking.catalog import catalog
from autograder.checking.context import Reference
from autograder.checking.diagnosis import Call, Mistake, plain, same, without_trace
from autograder.checking.judge import Wrong
from autograder.checking.student import LocalStudent
from autograder.values import Value

NAME = "autograder/checks/public/mistakes.json"
LARGEST = 20_000  # characters of one outcome


def table_bytes(root: Path) -> bytes:
    """The table's text: for each call of a public check the mistakes that answer it wrong."""
    bank = FOLDER.rglob("*.py")
    return _table_bytes(root, tuple(sorted((path, path.stat().st_mtime_ns) for path in bank)))


@cache
def _table_bytes(root: Path, bank: object) -> bytes:
    entries = {}
    for call in _public_calls(root):
        found = [_entry(mistake, outcome) for mistake, outcome in _wrong(call)]
        if found:
            entries[call.key] = found
    return (json.dumps(dict(sorted(entries.items())), indent=0, sort_keys=True) + "\n").encode()


def _entry(mistake: Mistake, outcome: Value) -> dict[str, object]:
    return {"name": mistake.name, "text": mistake.text, "outcome": plain(outcome)}


def _wrong(call: Call) -> Iterator[tuple[Mistake, Value]]:
    """The mistakes that have a steady outcome of this call, other than the right one."""
    again = LiveBank()
    for (mistake, outcome), (_, second) in zip(again.outcomes(call), again.outcomes(call), strict=True):
        steady = outcome is not None and same(outcome, second) and not same(outcome, call.outcome)
        if steady and len(json.dumps(plain(outcome))) <= LARGEST:
            yield mistake, outcome


class _Recorder:
    """The reference, noting every call."""

    def __init__(self, root: Path) -> None:
        self._reference: LocalStudent = Reference.in_folder(root / "solutions")
        self.calls: dict[str, Call] = {}

    def run(self, probe: str, /, **arguments: Value) -> Value:
        outcome = self._reference.run(probe, **arguments)
        call = Call(probe, arguments, without_trace(outcome))
        self.calls.setdefault(call.key, call)
        return outcome


def _public_calls(root: Path) -> list[Call]:
    recorder = _Recorder(root)
    for check in catalog(hidden=False):
        if check.question != "q1_7":
            with contextlib.suppress(Wrong):  # a wrong reference is the self-test's to tell
                getattr(importlib.import_module(check.module), check.function)(recorder)
    return list(recorder.calls.values())


def stale(root: Path) -> bool:
    """Whether the package's own copy is out of date."""
    path = diagnosis.TABLE
    return not path.exists() or path.read_bytes() != table_bytes(root)

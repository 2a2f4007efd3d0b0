"""Names the known mistake behind a wrong outcome: the one that gives just the same on the same call.

Students get a table of the outcomes for the public checks; the grader also runs the mistakes themselves
(`autograder.checking.bank`), since hidden checks draw their inputs.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from autograder.checking.student import Student, StudentFailure
from autograder.values import Value

ROUNDING = {torch.float32: 1e-4, torch.float64: 1e-9}
"""How far the outcomes of one mistake, coded in two ways, may differ: relative to the largest element."""


@dataclass(frozen=True)
class KnownMistake:
    """A known mistake: a short name, and a sentence with a hint, as a student reads them."""

    name: str
    text: str

    def __str__(self) -> str:
        return f"Known mistake: {self.text}"


OTHER_NAMES = KnownMistake(
    "arguments renamed",
    "The function was called with keyword arguments. Keep the parameter names that were given.",
)


@dataclass(frozen=True, eq=False)
class Call:
    """A probe, what it was given, and what came of it: a value, or how student code failed.

    Two calls are equal when the same was asked.
    """

    probe: str
    arguments: Mapping[str, Value]
    outcome: Value

    @cached_property
    def key(self) -> str:
        """A digest of the probe and its arguments."""
        text = json.dumps([self.probe, plain(dict(self.arguments))], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    def case(self, number: int | None) -> Call:
        """Of a call for several cases the one with this number; without one, the call as it is."""
        match self.arguments, self.outcome:
            case {"probe": str(probe), "cases": list(cases)}, {"replies": list(replies)} if (
                number is not None
            ):
                given = cases[number]
                return Call(probe, given if isinstance(given, dict) else {}, replies[number])
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Call) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


class Bank(Protocol):
    """Knows what mistakes lead to."""

    def outcomes(self, call: Call) -> Iterable[tuple[KnownMistake, Value]]:
        """Each mistake with its outcome of a call; none where the call is not known."""


class Watched:
    """A student whose calls are kept, so that a wrong one can be looked at again."""

    def __init__(self, student: Student) -> None:
        self._student = student
        self.last: Call | None = None
        self.called: set[str] = set()

    def run(self, probe: str, /, **arguments: Value) -> Value:
        """Run one probe. StudentFailure when student code returns no value."""
        try:
            outcome = self._student.run(probe, **arguments)
        except StudentFailure as failure:
            self._keep(probe, arguments, failed(failure))
            raise
        self._keep(probe, arguments, outcome)
        self.called.update(_called(outcome))
        return outcome

    def _keep(self, probe: str, arguments: Mapping[str, Value], outcome: Value) -> None:
        if not arguments.get("own"):
            self.last = Call(probe, arguments, without_trace(outcome))


def _called(outcome: Value) -> list[str]:
    called = outcome.get("called") if isinstance(outcome, dict) else None
    return [name for name in called if isinstance(name, str)] if isinstance(called, list) else []


def without_trace(outcome: Value) -> Value:
    """An outcome as far as it can be right or wrong."""
    if not isinstance(outcome, dict):
        return outcome
    return {key: value for key, value in outcome.items() if key != "called"}


def failed(failure: StudentFailure) -> Value:
    """A failure as an outcome that can be compared."""
    return {"failure": failure.message} if failure.verdict == "error" else None


def diagnosed(call: Call | None, banks: Sequence[Bank]) -> KnownMistake | None:
    """The one mistake that has this call's outcome; None where there is none, or more than one."""
    if call is None or call.outcome is None:
        return None
    for bank in banks:
        found = {mistake for mistake, outcome in bank.outcomes(call) if same(call.outcome, outcome)}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def mistake_of(error: BaseException, student: object, banks: Sequence[Bank]) -> KnownMistake | None:
    """The known mistake behind the error that ended a check, or None."""
    if not isinstance(error, (AssertionError, StudentFailure)):
        return None
    told: KnownMistake | None = getattr(error, "mistake", None)
    if isinstance(error, StudentFailure) and error.kind == "TypeError":
        told = OTHER_NAMES if "unexpected keyword argument" in error.message and not error.trace else None
    if told or not isinstance(student, Watched) or student.last is None:
        return told
    return diagnosed(student.last.case(getattr(error, "case", None)), banks)


# ---- the students' table ---------------------------------------------------------------------------


class Table:
    """The outcomes of the public checks' calls, as `convlab cut` wrote them."""

    def __init__(self, path: Path) -> None:
        self._entries: dict[str, list[dict[str, Any]]] = _read(path)

    def outcomes(self, call: Call) -> Iterable[tuple[KnownMistake, Value]]:
        """Each mistake with its outcome of one of the public calls."""
        for entry in self._entries.get(call.key, []) if self._entries else []:
            yield KnownMistake(entry["name"], entry["text"]), unplain(entry["outcome"])


@cache
def _read(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The table; an empty one where it is missing or broken: then nothing is named."""
    try:
        entries: dict[str, list[dict[str, Any]]] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return entries if isinstance(entries, dict) else {}


def plain(value: Value) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, Tensor):
        kind = str(value.dtype).removeprefix("torch.")
        return {"dtype": kind, "shape": list(value.shape), "values": value.reshape(-1).tolist()}
    if isinstance(value, dict):
        return {"fields": {key: plain(item) for key, item in value.items()}}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def unplain(value: Any) -> Value:
    """What `plain` made, back again."""
    if isinstance(value, dict) and "fields" in value:
        return {key: unplain(item) for key, item in value["fields"].items()}
    if isinstance(value, dict):
        return torch.tensor(value["values"], dtype=getattr(torch, value["dtype"])).reshape(value["shape"])
    if isinstance(value, list):
        return [unplain(item) for item in value]
    plain_value: Value = value
    return plain_value


# ---- comparing -------------------------------------------------------------------------------------


def same(one: Value, other: Value) -> bool:
    """Whether two outcomes are equal but for rounding."""
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        return _same_tensor(one, other)
    if isinstance(one, dict) and isinstance(other, dict):
        one, other = _as_number(one), _as_number(other)
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-5, abs_tol=1e-9) or (one != one and other != other)
    return type(one) is type(other) and bool(one == other)


def _as_number(fields: dict[str, Value]) -> dict[str, Value]:
    """A returned tensor of one element without dimensions as the number that it is."""
    value = fields.get("value")
    if fields.get("kind") == "tensor" and isinstance(value, Tensor) and not value.dim():
        return {"kind": "number", "value": float(value)}
    return fields


def _same_tensor(one: Tensor, other: Tensor) -> bool:
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    if not one.is_floating_point() or not one.numel():
        return torch.equal(one, other)
    largest = float(other.nan_to_num(0, 0, 0).abs().max())
    bound = ROUNDING.get(one.dtype, 1e-2) * largest
    return torch.allclose(one, other, rtol=0, atol=bound, equal_nan=True)

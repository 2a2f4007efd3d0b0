"""Names the known mistake behind wrong outcomes: the one that gives just the same on each call of a question.

Where a mistake does not explain every outcome, those of checks that passed too, or where another one explains
them as well, none is named. Students get a table of the outcomes for the public checks; the grader runs the
mistakes themselves (`autograder.checking.bank`) on all checks, since hidden checks draw their inputs.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from autograder.checking.student import Student, StudentFailure
from autograder.text import KNOWN_MISTAKE
from autograder.values import Value

_CLASS = re.compile(r"TypeError: \w+ returned a class; .*")
_DIVISION = "ZeroDivisionError"
_FAILURE = "failure"
"""The one key of an outcome that is a failure."""
ROUNDING = {torch.float32: 1e-4, torch.float64: 1e-9}
"""How far the outcomes of one mistake, coded in two ways, may differ: relative to the largest element."""

DRAWN = {"float32": 3, "float64": 6}
TOLD = {"float32": 5, "float64": 11}
"""How many decimals, relative to a tensor's largest element, arguments are told apart by and outcomes keep.

The former are so few that two machines rarely round to two sides; the latter are more than `ROUNDING` looks
at.
"""


@dataclass(frozen=True)
class KnownMistake:
    """A known mistake: a short name, and a sentence with a hint, as a student reads them."""

    name: str
    text: str

    def __str__(self) -> str:
        return f"{KNOWN_MISTAKE}{self.text}"


CLASS_RETURNED = KnownMistake(
    "class returned", "The function returned a class. Create an instance of it by calling it: `()`."
)
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
        """A digest of the probe and its arguments, the same on every machine.

        Arguments that are computed, or drawn several at a time, differ by rounding from one processor to
        another: the digest is of what is left when they are rounded to fewer decimals.
        """
        return _digest([self.probe, _summary(dict(self.arguments), DRAWN)])

    @cached_property
    def _exact(self) -> str:
        return _digest([self.probe, _summary(dict(self.arguments), {})])

    @cached_property
    def asked(self) -> Call:
        """The call without its outcome, which student code chose and which may be large."""
        return replace(self, outcome=None)

    def cases(self) -> Iterator[Call]:
        """Of a call for several cases each by itself; any other call as it is."""
        match self.arguments, self.outcome:
            case {"probe": str(probe), "cases": list(cases)}, {"replies": list(replies)}:
                for given, reply in zip(cases, replies, strict=False):
                    yield Call(probe, given if isinstance(given, dict) else {}, without_trace(reply))
            case _:
                yield self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Call) and self._exact == other._exact

    def __hash__(self) -> int:
        return hash(self._exact)


def _digest(asked: Any) -> str:
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:20]


def _summary(value: Value, decimals: Mapping[str, int]) -> Any:
    """A value as JSON can hold it, with a digest for each tensor's elements: there may be 100,000 of them.

    What is in `decimals` is rounded as `rounded` does, and so is every float then.
    """
    if isinstance(value, Tensor):
        kind = str(value.dtype).removeprefix("torch.")
        flat = value.detach().reshape(-1).contiguous()
        kept = _whole(flat.double(), decimals[kind]) if kind in decimals else flat.view(torch.uint8)
        told = hashlib.sha256(kept.numpy().tobytes()).hexdigest()
        return {"dtype": kind, "shape": list(value.shape), "digest": told}
    if isinstance(value, dict):
        return {"fields": {key: _summary(item, decimals) for key, item in value.items()}}
    if isinstance(value, list):
        return [_summary(item, decimals) for item in value]
    return rounded(value, decimals) if decimals else value


def _whole(values: Tensor, decimals: int) -> Tensor:
    """Values as whole multiples of a power of ten, which is `decimals` places below the largest of them."""
    finite = values.isfinite()
    largest = float(values[finite].abs().max()) if bool(finite.any()) else 0.0
    scaled = (values * 10.0 ** _places(largest, decimals)).round() + 0.0  # which makes one zero of the two
    scaled[values.isnan()] = math.nan
    return scaled


def _places(largest: float, decimals: int) -> int:
    """The decimals after the point where so many count, relative to the largest value."""
    return decimals - (math.frexp(largest)[1] * 3) // 10  # 2 ** 10 is about 10 ** 3


@dataclass(frozen=True)
class Evidence:
    """One check of a question: the calls that it made, and whether it passed."""

    calls: tuple[Call, ...]
    passed: bool


class Bank(Protocol):
    """Knows what mistakes lead to."""

    def explaining(self, evidence: Sequence[Evidence]) -> list[KnownMistake]:
        """The mistakes that explain all outcomes of one question's checks."""


MOST_KEPT = 300_000
"""So many elements are kept of all outcomes of a check: twice what the largest of ours has. Of what comes
then nothing is kept, since student code chooses what comes back, up to 64 MiB for each call."""
Sighting = tuple[str, str, str, int]
"""What a worker claims to have run: a kind of call, the operation, and the file and line that ran it."""
MOST_CLAIMS = 100
"""So many claims of one reply are read."""


class Watched:
    """A student whose calls are kept, so that a wrong one can be looked at again."""

    def __init__(self, student: Student) -> None:
        self._student = student
        self.calls: list[Call] = []
        self.called: set[Sighting] | None = None
        self._kept = 0

    def run(self, probe: str, /, **arguments: Value) -> Value:
        """Run one probe. StudentFailure when student code returns no value."""
        try:
            outcome = self._student.run(probe, **arguments)
        except StudentFailure as failure:
            self._keep(probe, arguments, failed(failure))
            raise
        self._keep(probe, arguments, outcome)
        if not arguments.get("own"):
            self._see(outcome)
        return outcome

    def _see(self, outcome: Value) -> None:
        if isinstance(outcome, dict) and isinstance(outcome.get("called"), list):
            self.called = {*(self.called or ()), *_sightings(outcome)}

    def _keep(self, probe: str, arguments: Mapping[str, Value], outcome: Value) -> None:
        if not arguments.get("own"):
            self._kept += elements(outcome)
            kept = without_trace(outcome) if self._kept <= MOST_KEPT else None
            self.calls.append(Call(probe, arguments, kept))

    def evidence(self, *, passed: bool) -> Evidence:
        """What the calls of one check have to say."""
        return Evidence(tuple(self.calls), passed)


def _sightings(outcome: Value) -> Iterator[Sighting]:
    """What a worker claims to have run, where it has the form of such a claim."""
    called = outcome.get("called") if isinstance(outcome, dict) else None
    for claim in called[:MOST_CLAIMS] if isinstance(called, list) else ():
        match claim:
            case [str(kind), str(operation), str(file), int(line)]:
                yield kind[:100], operation[:100], file[:100], line


def without_trace(outcome: Value) -> Value:
    """An outcome as far as it can be right or wrong."""
    if not isinstance(outcome, dict):
        return outcome
    return {key: value for key, value in outcome.items() if key != "called"}


def elements(value: Value) -> int:
    """How many numbers, letters and containers a value holds, for its size in memory: nothing is for free."""
    if isinstance(value, Tensor):
        return 1 + value.numel()
    if isinstance(value, dict):
        return 1 + sum(map(len, value)) + sum(map(elements, value.values()))
    if isinstance(value, list):
        return 1 + sum(map(elements, value))
    return 1 + len(value) if isinstance(value, str) else 1


def failed(failure: StudentFailure) -> Value:
    """A failure as an outcome that can be compared; one that no mistake of ours has is None."""
    message = failure.message.partition("\n")[0]  # what follows names things as the student does
    if failure.kind == _DIVISION:  # Python 3.14 says it in other words
        message = _DIVISION
    return {_FAILURE: message} if failure.verdict == "error" else None


def ordered(evidence: Sequence[Evidence]) -> list[Call]:
    """All calls, first those most likely to tell mistakes apart: what failed, the last call first."""
    failed = [call for each in evidence if not each.passed for call in reversed(each.calls)]
    return failed + [call for each in evidence if each.passed for call in each.calls]


def diagnosed(evidence: Sequence[Evidence], bank: Bank) -> KnownMistake | None:
    """The one mistake that explains all outcomes of a question; None where none does, or more than one."""
    found = bank.explaining(evidence)
    return found[0] if len(found) == 1 else None


def proven(error: BaseException) -> KnownMistake | None:
    """The mistake that the error which ended a check shows by itself, or None."""
    mistake: KnownMistake | None = getattr(error, "mistake", None)
    if isinstance(error, StudentFailure) and error.kind == "TypeError" and not error.trace:
        if "unexpected keyword argument" in error.message:
            return OTHER_NAMES
        if _CLASS.fullmatch(error.message):
            return CLASS_RETURNED
    return mistake


# ---- the students' table ---------------------------------------------------------------------------


class Table:
    """The outcomes of the public checks' calls, as `convlab cut` wrote them: of each call the wrong ones.

    A mistake that is not listed for a call does there what is asked.
    """

    def __init__(self, path: Path) -> None:
        self._entries: dict[str, list[dict[str, Any]]] = _read(path)

    def explaining(self, evidence: Sequence[Evidence]) -> list[KnownMistake]:
        """The mistakes that have the outcomes of what failed, and none of whose outcomes a check refutes.

        A check may pass what a mistake leads to, where it looks at something else.
        """
        found: set[KnownMistake] | None = None
        refuted: set[KnownMistake] = set()
        for each in evidence:
            for call in each.calls:
                listed = self._listed(call)
                matching = {mistake for mistake, outcome in listed if known_same(call.outcome, outcome)}
                refuted |= {mistake for mistake, _ in listed} - matching
                if not each.passed and call is each.calls[-1]:
                    found = matching if found is None else found & matching
        return sorted((found or set()) - refuted, key=lambda mistake: mistake.name)

    def _listed(self, call: Call) -> list[tuple[KnownMistake, Value]]:
        entries = self._entries.get(call.key, []) if self._entries else []
        return [(KnownMistake(e["name"], e["text"]), unplain(e["outcome"])) for e in entries]


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


def rounded(told: Any, decimals: Mapping[str, int]) -> Any:
    """What `plain` made, rounded to `decimals` by dtype, relative to a tensor's largest element."""
    if isinstance(told, float):
        return round(float(f"{told:.6g}"), 10) + 0.0 if math.isfinite(told) else told
    if isinstance(told, list):
        return [rounded(item, decimals) for item in told]
    if not isinstance(told, dict):
        return told
    if told.get("dtype") not in decimals:
        return {key: rounded(item, decimals) for key, item in told.items()}
    largest = max((abs(value) for value in told["values"] if math.isfinite(value)), default=0.0)
    places = _places(largest, decimals[told["dtype"]])
    # Adding 0.0 makes one zero of the two.
    return told | {"values": [round(v, places) + 0.0 if math.isfinite(v) else v for v in told["values"]]}


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


def known_same(one: Value, other: Value) -> bool:
    """Whether two outcomes are the same, and something is known of them."""
    return one is not None and other is not None and same(one, other)


def loosely(outcome: Value) -> Value:
    """An outcome without the numbers that are drawn and without names: of tensors, shape and dtype.

    A failure stays what it is: all that fail would be the same otherwise.
    """
    if isinstance(outcome, dict) and outcome.keys() == {_FAILURE}:
        return outcome
    if isinstance(outcome, str):
        return ""
    if isinstance(outcome, Tensor) and outcome.is_floating_point():
        return {"dtype": str(outcome.dtype), "shape": list(outcome.shape)}
    if isinstance(outcome, dict):
        return {key: loosely(item) for key, item in outcome.items()}
    return [loosely(item) for item in outcome] if isinstance(outcome, list) else outcome


def _as_number(fields: dict[str, Value]) -> dict[str, Value]:
    """A returned tensor of one element without dimensions as the number that it is."""
    value = fields.get("value")
    if (
        fields.get("kind") == "tensor"
        and isinstance(value, Tensor)
        and not value.is_complex()
        and not value.dim()
    ):
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

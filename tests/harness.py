"""Runs checks against sources in this process, without a sandbox: quick, and only for code we wrote."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch

from autograder.checking.bank import LiveBank
from autograder.checking.catalog import catalog
from autograder.checking.check import Check, function_of
from autograder.checking.context import Context
from autograder.checking.diagnosis import Evidence, Watched, diagnosed
from autograder.checking.stand_ins import stand_ins
from autograder.checking.student import LocalStudent, Student, StudentFailure
from autograder.grading.plugin import Outcome, named, outcome
from autograder.lab import Lab, load_lab

ROOT = Path(__file__).resolve().parent.parent


@cache
def lab() -> Lab:
    return load_lab(ROOT)


@cache
def brief_lab() -> Lab:
    """The lab with two attempts of one epoch, which takes the reference above the threshold already."""
    training = lab().training
    assert training is not None
    sample = training.sample.model_copy(update={"epochs": 1})
    brief = training.model_copy(update={"sample": sample, "attempts": 2})
    return lab().model_copy(update={"training": brief})


@cache
def reference_sources() -> Mapping[str, str]:
    return MappingProxyType(lab().reference())


def local(sources: Mapping[str, str]) -> LocalStudent:
    return LocalStudent(sources, lab().probes, stand_ins(lab()))


@cache
def own_solution() -> Mapping[str, str]:
    """A right solution whose text the tests change: the reference may be reworded."""
    folder = ROOT / "tests" / "own_solution"
    return MappingProxyType({path.stem: path.read_text("utf-8") for path in folder.glob("*.py")})


def edited(module: str, *edits: tuple[str, str]) -> dict[str, str]:
    """The reference with one module replaced by our own, some text changed; each edit must apply."""
    text = own_solution()[module]
    for old, new in edits:
        assert old in text, f"{module}.py holds no {old!r}"
        text = text.replace(old, new)
    return {**reference_sources(), module: text}


def longest_answer(path: str) -> tuple[str, int]:
    """The line of most words in the answers of one of the lab's sources, and its number."""
    found, inside = [("", 0)], False
    for number, line in enumerate((ROOT / path).read_text("utf-8").splitlines(), 1):
        mark = line.strip().startswith("#!")
        inside = "HWBEGIN" in line if mark and "TAG" in line else inside
        if inside and not mark and not line.lstrip().startswith("#"):
            found.append((line.strip(), number))
    return max(found, key=lambda pair: len(pair[0].split()))


def context(seed: int = 0, of: Lab | None = None) -> Context:
    return Context(of or lab(), "cpu", None, seed)


def run_check(
    check: Check, sources: Mapping[str, str], seed: int = 0, student: Student | None = None
) -> Outcome:
    """The outcome of one check on sources, or on another student."""
    return _run_check(check, sources, seed, student, lab())[0]


def _run_check(
    check: Check, sources: Mapping[str, str], seed: int, student: Student | None, of: Lab
) -> tuple[Outcome, Evidence]:
    function = function_of(check)
    digest = hashlib.sha256(f"{seed}/{check.key}".encode()).digest()
    own_seed = int.from_bytes(digest[:4], "big")
    watched = Watched(student or local(sources))
    offered: dict[str, Any] = {
        "student": watched,
        "context": context(seed, of),
        "lab": of,
        "reference": context(seed, of).reference,
        "seed": own_seed,
        "rng": torch.Generator().manual_seed(own_seed),
        "record_property": lambda name, value: None,
    }
    try:
        function(**{name: offered[name] for name in inspect.signature(function).parameters})
    except (AssertionError, StudentFailure) as error:
        return outcome(check, error), watched.evidence(passed=False)
    return outcome(check, None), watched.evidence(passed=True)


def outcomes(
    question: str, sources: Mapping[str, str], seed: int = 0, of: Lab | None = None
) -> dict[str, Outcome]:
    """The outcomes of a question's checks, by name, with the known mistake behind them."""
    chosen = [check for check in catalog(lab()) if check.question == question]
    found = {check.name: _run_check(check, sources, seed, None, of or lab()) for check in chosen}
    evidence = [each for _, each in found.values()]
    wrong = not all(each.passed for each in evidence) and not lab().question(question).training
    mistake = diagnosed(evidence, LiveBank(lab())) if wrong else None
    hidden = {check.name: check.hidden for check in chosen}
    return {
        name: named(how, mistake, hidden=hidden[name]) if mistake else how for name, (how, _) in found.items()
    }


def failed(question: str, sources: Mapping[str, str], seed: int = 0, of: Lab | None = None) -> list[str]:
    """The names of a question's checks that sources do not pass."""
    return [name for name, how in outcomes(question, sources, seed, of).items() if how.verdict != "passed"]

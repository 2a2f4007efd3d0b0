"""The list of a lab's checks with their points. Otter's files and every grade come from it."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import groupby

from autograder.checking.check import HIDDEN, PUBLIC, Check, in_package
from autograder.lab import Lab, LabError

SMALLEST = 0.01
"""Points are given in hundredths."""


def catalog(lab: Lab, *, hidden: bool = True) -> tuple[Check, ...]:
    """All checks of a lab by question, public ones first; without the hidden ones when `hidden` is false.

    LabError when a module of checks cannot be imported, or a check matches no auto-graded question.
    """
    for room in (PUBLIC, HIDDEN):
        lab.module(room)
        for path in sorted((lab.package / room).glob("test_*.py")):
            lab.module(f"{room}.{path.stem}")
    checks = [
        one
        for question, group in groupby(in_package(lab.name, (PUBLIC, HIDDEN)), lambda c: c.question)
        for one in _with_points(lab, question, list(group))
    ]
    return tuple(check for check in checks if hidden or not check.hidden)


def others(lab: Lab) -> dict[str, str]:
    """By question, how many of its checks are public and what the others look at, as students may read it."""
    found: dict[str, str] = {}
    for question, group in groupby(catalog(lab), lambda check: check.question):
        checks = list(group)
        families = [check.family for check in checks if check.hidden]
        count = f"{len(checks) - len(families)} of {len(checks)} checks are public"
        found[question] = f"{count}; the others look at: {'; '.join(families)}." if families else f"{count}."
    return found


def _with_points(lab: Lab, question: str, checks: list[Check]) -> list[Check]:
    """The checks of one question with what their shares come to, in hundredths that add up exactly."""
    first = checks[0]
    known = {asked.id: asked for asked in lab.auto_graded}
    if question not in known:
        place = f"{first.place}: {first.function}"
        raise LabError(
            f"{place}: assignment.toml has no auto-graded question {question!r}; it has {', '.join(known)}"
        )
    for one in checks:
        number = isinstance(one.share, (int, float))  # whatever the lab's author wrote in @check(...)
        if not number or not one.share > 0 or not math.isfinite(one.share):
            raise LabError(f"{one.place}: {one.function}: its share is {one.share!r}; give a number above 0")
    whole = round(known[question].points * 100)
    exact = [whole * one.share / sum(c.share for c in checks) for one in checks]
    parts = [math.floor(part + 1e-9) for part in exact]
    for n in sorted(range(len(parts)), key=lambda n: parts[n] - exact[n])[: whole - sum(parts)]:
        parts[n] += 1
    for one, part in zip(checks, parts, strict=True):
        if part < 1:
            told = f"a share of {one.share:g} in {known[question].points:g} points is less than {SMALLEST}"
            raise LabError(
                f"{one.place}: {one.function}: {told}; give {question} more points or fewer checks"
            )
    return [replace(one, points=part / 100) for one, part in zip(checks, parts, strict=True)]

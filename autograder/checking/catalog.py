"""The list of all checks: question, points, visibility, title. Otter's files and every grade come from it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

from autograder.checking.student import Student

CheckFunction = Callable[..., None]
STUDENT_KEY = pytest.StashKey[Callable[[pytest.FixtureRequest], Student]]()
"""Where a grading run leaves the maker of `student` fixtures in pytest's config."""
UNSEEN_KEY = pytest.StashKey[bool]()
"""Set where nobody will see what pytest has to say."""


@dataclass(frozen=True)
class Check:
    """One check; `name` is unique in its question, `family` is what a student may know of a hidden one."""

    question: str
    name: str
    title: str
    points: float
    hidden: bool
    family: str
    hint: str
    module: str
    function: str

    @property
    def key(self) -> str:
        """`question/name`: unique among all checks."""
        return f"{self.question}/{self.name}"


def check(
    question: str, points: float, *, title: str = "", family: str = "", hint: str = ""
) -> Callable[[CheckFunction], CheckFunction]:
    """Mark a pytest function as a check; one with a `family` is hidden."""
    mark = pytest.mark.check(
        question=question, points=points, title=title or family, family=family, hint=hint, hidden=bool(family)
    )

    def wrap(function: CheckFunction) -> CheckFunction:
        marked: CheckFunction = mark(function)
        return marked

    return wrap


def of_function(function: Any) -> Check | None:
    """The check that a function is, or None."""
    for mark in getattr(function, "pytestmark", ()):
        if mark.name == "check":
            name = function.__name__.removeprefix("test_")
            return Check(name=name, module=function.__module__, function=function.__name__, **mark.kwargs)
    return None


def in_module(module: ModuleType) -> Iterator[Check]:
    """The checks that one module defines, in its order."""
    for value in vars(module).values():
        found = of_function(value) if callable(value) else None
        if found is not None and found.module == module.__name__:
            yield found


def catalog(*, hidden: bool = True) -> tuple[Check, ...]:
    """All checks by question, public ones first; without the hidden ones when `hidden` is false."""
    checks: list[Check] = []
    for room in ("public", "hidden") if hidden else ("public",):
        package = importlib.import_module(f"autograder.checking.{room}")
        for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda i: i.name):
            if info.name.startswith("test_"):
                checks += in_module(importlib.import_module(f"{package.__name__}.{info.name}"))
    return tuple(sorted(checks, key=lambda c: (c.question, c.hidden)))

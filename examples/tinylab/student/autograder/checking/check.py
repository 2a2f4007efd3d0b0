"""What a check is: a pytest function with a question, a share of its points, a title, a visibility."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

from autograder.checking.student import Student

CheckFunction = Callable[..., None]
STUDENT_KEY = pytest.StashKey[Callable[[pytest.FixtureRequest], Student]]()
"""Where a grading run leaves the maker of `student` fixtures in pytest's config."""
UNSEEN_KEY = pytest.StashKey[bool]()
"""Set where pytest's output is shown to no one."""
PUBLIC, HIDDEN = "public", "hidden"


@dataclass(frozen=True)
class Check:
    """One check; `name` is unique in its question, `family` is what a student may know of a hidden one.

    `share` is its part of the question's points in relation to the other checks' shares; `points` is what
    that comes to, once `catalog` has met the lab's questions.
    """

    question: str
    name: str
    title: str
    share: float
    hidden: bool
    family: str
    hint: str
    module: str
    function: str
    place: str
    points: float = 0.0

    @property
    def key(self) -> str:
        """`question/name`: unique among all checks."""
        return f"{self.question}/{self.name}"


def check(
    question: str, share: float, *, title: str = "", family: str = "", hint: str = ""
) -> Callable[[CheckFunction], CheckFunction]:
    """Mark a pytest function as a check; one with a `family` is hidden.

    `share` says how much of the question's points it decides, in relation to the question's other checks:
    with shares of 1 and 3 the second is worth three quarters. The points themselves are in assignment.toml.
    """
    if not isinstance(question, str):
        raise TypeError(f"@check({question!r}, ...): the id of a question comes first, as text")
    mark = pytest.mark.check(
        question=question, share=share, title=title or family, family=family, hint=hint, hidden=bool(family)
    )

    def wrap(function: CheckFunction) -> CheckFunction:
        if not inspect.isfunction(function):
            raise TypeError(f'@check("{question}", ...) goes before a function')
        marked: CheckFunction = mark(function)
        return marked

    return wrap


def of_function(function: Any) -> Check | None:
    """The check that a function is, or None."""
    for mark in getattr(function, "pytestmark", ()):
        if mark.name == "check":
            name = function.__name__.removeprefix("test_")
            place = f"{function.__code__.co_filename}:{function.__code__.co_firstlineno}"
            return Check(
                name=name,
                module=function.__module__,
                function=function.__name__,
                place=place,
                **mark.kwargs,
            )
    return None


def in_module(module: ModuleType) -> Iterator[Check]:
    """The checks that one module defines, in its order."""
    for value in vars(module).values():
        found = of_function(value) if callable(value) else None
        if found is not None and found.module == module.__name__:
            yield found


def in_package(package: str, rooms: Sequence[str]) -> list[Check]:
    """The checks of a lab's package by question, public ones first; they have no points yet."""
    checks: list[Check] = []
    for room in rooms:
        modules = importlib.import_module(f"{package}.{room}")
        for info in sorted(pkgutil.iter_modules(modules.__path__), key=lambda i: i.name):
            if info.name.startswith("test_"):
                checks += in_module(importlib.import_module(f"{modules.__name__}.{info.name}"))
    return sorted(checks, key=lambda c: (c.question, c.hidden))


def function_of(one: Check) -> CheckFunction:
    """The function that a check is."""
    function: CheckFunction = getattr(importlib.import_module(one.module), one.function)
    return function

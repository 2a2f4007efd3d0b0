"""Which checks can be called without pytest's protocol, which takes longer than most of them.

Pytest collects all checks and runs those that ask anything of it: a fixture of the lab's own, a parameter, a
mark besides `check`, a hook in a conftest.py. All others are plain functions of a few of the engine's own
fixtures, whose values are made here just as these make them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import torch

from autograder.checking import fixtures, hidden_fixtures
from autograder.checking.check import Check, of_function
from autograder.checking.context import Context

_OWN = (fixtures.__name__, hidden_fixtures.__name__)
_MADE: Mapping[str, Callable[[Context, Check], object]] = {
    "context": lambda context, check: context,
    "lab": lambda context, check: context.lab,
    "reference": lambda context, check: context.reference,
    "seed": lambda context, check: hidden_fixtures.seed_for(context, check.key),
    "rng": lambda context, check: torch.Generator().manual_seed(hidden_fixtures.seed_for(context, check.key)),
}
"""The engine's fixtures but for `student`, and what each gives to a check."""
_HOOKS = ("pytest_runtest_", "pytest_fixture_", "pytest_pyfunc_call")


@dataclass(frozen=True)
class Direct:
    """A check's function and the fixtures that it asks for by name."""

    function: Callable[..., None]
    check: Check
    names: tuple[str, ...]

    @classmethod
    def of(cls, item: pytest.Item) -> Direct | None:
        """An item as a plain function; None where it needs pytest."""
        check = of_function(getattr(item, "function", None))
        if check is None or not isinstance(item, pytest.Function) or not _plain(item):
            return None
        return cls(item.function, check, tuple(inspect.signature(item.function).parameters))

    def values(self, context: Context) -> dict[str, Any]:
        """What the function is called with besides the student."""
        return {name: _MADE[name](context, self.check) for name in self.names if name != "student"}


def _plain(item: pytest.Function) -> bool:
    """Whether nothing but a call is asked of pytest."""
    asked = inspect.signature(item.function).parameters
    names = {*item.fixturenames, *asked} - ({"request"} - asked.keys())  # our own ask for it
    return (
        item.cls is None
        and not hasattr(item, "callspec")
        and not inspect.iscoroutinefunction(item.function)
        and all(mark.name == "check" for mark in item.iter_markers())
        and names <= {*_MADE, "student"}
        and all(_is_own(item, name) for name in names)
        and not _hooked(item)
    )


def _is_own(item: pytest.Function, name: str) -> bool:
    found = item._fixtureinfo.name2fixturedefs.get(name, ())
    return bool(found) and found[-1].func.__module__ in _OWN


def _hooked(item: pytest.Function) -> bool:
    """Whether a conftest.py has hooks of its own around a check."""
    return any(
        name.startswith(_HOOKS) and getattr(value, "__module__", "") not in _OWN
        for module in item.config.pluginmanager._getconftestmodules(item.path)
        for name, value in vars(module).items()
    )

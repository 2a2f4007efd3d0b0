"""How much is tried: all in CI and by `make thorough`; a tenth of the examples and fewer cases otherwise."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import settings

THOROUGH = os.environ.get("CONVLAB_TESTS") == "thorough"
PARAM = type(pytest.param())


def tries(count: int, **more: Any) -> settings:
    """Hypothesis's settings for `count` examples, without a deadline."""
    return settings(max_examples=count if THOROUGH else max(count // 10, 10), deadline=None, **more)


def set_defaults() -> None:
    """The same for the properties that do not say how often they are tried."""
    settings.register_profile("quick", max_examples=100 if THOROUGH else 20, deadline=None)
    settings.load_profile("quick")


def slow_but(every: int, cases: Iterable[Any]) -> list[Any]:
    """Cases for `parametrize`, of which all but one in `every` are slow; a tuple is several arguments."""
    return _marked(every, cases, pytest.mark.slow)


def in_ci_but(every: int, cases: Iterable[Any]) -> list[Any]:
    """The same, where all but one in `every` are left to CI."""
    return _marked(every, cases, pytest.mark.ci)


def params(named: Mapping[str, Any]) -> list[Any]:
    """Named cases for `parametrize`."""
    return [pytest.param(case, id=name) for name, case in named.items()]


def _marked(every: int, cases: Iterable[Any], mark: pytest.MarkDecorator) -> list[Any]:
    found = []
    for number, case in enumerate(cases):
        param = case if isinstance(case, PARAM) else pytest.param(*_arguments(case))
        more = [mark] if number % every else []
        found.append(pytest.param(*param.values, id=param.id, marks=[*param.marks, *more]))
    return found


def _arguments(case: Any) -> tuple[Any, ...]:
    return case if isinstance(case, tuple) else (case,)

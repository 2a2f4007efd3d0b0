"""Lets torch's optimizers run without torch._dynamo: its import takes 1.5 CPU s and 70 MiB.

For the grader's own process only, where nothing but the reference trains; students' code gets torch whole.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import torch

NAME = "torch._dynamo"


class _Absent(ModuleType):
    """Takes the place of torch._dynamo; whoever asks for more than this gets the real one, imported then."""

    @staticmethod
    def graph_break(msg: str = "") -> None:
        """Nothing is being traced, so there is no graph to break."""

    @staticmethod
    def disable(fn: Callable[..., Any] | None = None, recursive: bool = True, **_: Any) -> Any:
        """Nothing is being traced: the function as it is, or a decorator that leaves it so."""
        return fn if fn is not None else lambda function: function

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        if sys.modules.get(NAME) is self:
            del sys.modules[NAME]
            vars(torch).pop("_dynamo", None)
        return getattr(importlib.import_module(NAME), attribute)


def without_dynamo() -> None:
    """Keep torch from importing torch._dynamo until something really needs it."""
    if NAME not in sys.modules:
        stand_in = _Absent(NAME)
        sys.modules[NAME] = stand_in
        vars(torch)["_dynamo"] = stand_in

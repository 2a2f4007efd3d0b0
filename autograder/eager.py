"""Lets torch run without torch._dynamo, whose import takes 1.5 CPU s and 50 MiB, until something needs it.

Optimizers and function transforms ask torch._dynamo not to trace them, whether anything is being traced or
not. A stand-in says that nothing is; whoever asks it for more gets the real one, imported then.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import torch

NAME = "torch._dynamo"


class _Absent(ModuleType):
    """Takes the place of torch._dynamo as long as nothing is traced."""

    compiled_autograd = SimpleNamespace(_disable=contextlib.nullcontext)
    """torch.func's gradients switch it off while they run; it is not on."""

    @staticmethod
    def graph_break(msg: str = "") -> None:
        """Nothing is being traced, so there is no graph to break."""

    @staticmethod
    def disable(fn: Callable[..., Any] | None = None, recursive: bool = True, **_: Any) -> Any:
        """Nothing is being traced: the function as it is, or a decorator that leaves it so."""
        return fn if fn is not None else lambda function: function

    def __getattr__(self, attribute: str) -> Any:
        # `__path__` is what the import of a module below this one asks for.
        if attribute.startswith("__") and attribute != "__path__":
            raise AttributeError(attribute)
        return getattr(_real(self), attribute)


def _real(stand_in: ModuleType) -> ModuleType:
    """torch._dynamo itself. The stand-in stays where that cannot be imported."""
    if sys.modules.get(NAME) is stand_in:
        del sys.modules[NAME]
        vars(torch).pop("_dynamo", None)
    try:
        return importlib.import_module(NAME)
    except BaseException:
        _put(stand_in)
        raise


def _put(stand_in: ModuleType) -> None:
    sys.modules[NAME] = stand_in
    vars(torch)["_dynamo"] = stand_in


def without_dynamo() -> None:
    """Keep torch from importing torch._dynamo until something really needs it."""
    if NAME not in sys.modules:
        _put(_Absent(NAME))

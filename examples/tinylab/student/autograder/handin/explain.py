"""One more sentence for exceptions whose own text helps little: which layer, which shape, what to pass."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any

_SHAPES = re.compile(
    r"cannot be multiplied|size of tensor|shape|expected.*(?:channels|input|dimension)|weight of size",
    re.IGNORECASE,
)
_ONE_FEWER = re.compile(r"Dimension out of range|size mismatch|batch_size|same size|shape", re.IGNORECASE)
_BEYOND = re.compile(r"^index (\d{1,9}) is out of bounds for (?:dimension|axis) \d+ with size (\d{1,9})$")
_LONGEST = 200


def explained(error: BaseException, text: str) -> str:
    """What to add to an exception's text, "" where nothing helps. `text` is the student's own code."""
    said = str(error)[:2000]
    if isinstance(error, TypeError) and "is not iterable" in said and "optim" in _innermost_file(error):
        return "An optimizer takes the parameters, model.parameters(), and not the model."
    if not isinstance(error, (RuntimeError, ValueError, IndexError)):
        return ""
    if (found := _BEYOND.match(said)) and found[1] == found[2] != "0":
        last = int(found[2]) - 1
        return (
            f"Python counts from 0, so the last index is {last} here; a position counted from 1 needs 1 less."
        )
    parts = [_layer(error)] if _SHAPES.search(said) else []
    if _ONE_FEWER.search(said) and re.search(r"\.squeeze\(\s*\)", text):
        parts.append(
            "A batch may hold one example: squeeze() without a dimension then removes the batch's dimension "
            "too. Name the dimension, or do without."
        )
    return " ".join(part for part in parts if part)


def _frames(error: BaseException) -> Iterator[FrameType]:
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        yield trace.tb_frame
        trace = trace.tb_next


def _innermost_file(error: BaseException) -> str:
    return [frame.f_code.co_filename.replace("\\", "/") for frame in _frames(error)][-1:][0]


def _layer(error: BaseException) -> str:
    """The innermost of torch's layers that an exception went through, and the shape that reached it."""
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return ""
    modules: list[Any] = []
    shape: tuple[int, ...] | None = None
    for frame in _frames(error):
        module = frame.f_locals.get("self")
        if not isinstance(module, torch.nn.Module):
            continue
        given = frame.f_locals.get("input", frame.f_locals.get("x"))
        modules.append(module)
        shape = tuple(given.shape) if isinstance(given, torch.Tensor) else shape
    if not modules or shape is None or not type(modules[-1]).__module__.startswith("torch.nn"):
        return ""
    return f"The layer {_called(modules)} got a tensor of shape {shape}, which does not fit."[:_LONGEST]


def _called(modules: list[Any]) -> str:
    """The innermost layer as torch shows it, with its name in the outermost module."""
    layer = modules[-1]
    name = next((name for name, module in modules[0].named_modules() if module is layer), "")
    shown = f"{type(layer).__name__}({layer.extra_repr()})"
    return f"{name}, {shown}," if name else shown

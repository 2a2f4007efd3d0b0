"""What a grading run passes to the hidden checks: lab, reference, data, device, seed."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import Tensor

from autograder.checking.stand_ins import stand_ins
from autograder.checking.student import LocalStudent, StudentFailure
from autograder.lab import Lab
from autograder.modules import Given
from autograder.timeouts import TimeLimit
from autograder.values import Value

REPLIES = 128
"""How many replies of the reference are kept: those to one question's checks under a few seeds."""
_replies: OrderedDict[bytes, Value] = OrderedDict()


class ReferenceFailed(RuntimeError):
    """The reference fails: with `failure`, which has the line where."""

    def __init__(self, probe: str, failure: StudentFailure) -> None:
        super().__init__(f"the reference failed in {probe}: {failure}")
        self.failure = failure


class Reference(LocalStudent):
    """The reference solution, answering the same probes; a failure of it is the grader's own.

    Its replies depend on the call only, so they are kept: checks of many submissions under one seed ask for
    the same. Whoever asks gets a copy.
    """

    def __init__(
        self,
        sources: Mapping[str, str],
        probes: ModuleType,
        given: Given | None = None,
        limit: TimeLimit | None = None,
    ) -> None:
        super().__init__(sources, probes, given, limit=limit)
        self._key = _digest(
            [probes.__name__, probes.__file__, *(part for s in sources.items() for part in s)]
        )

    def run(self, probe: str, /, **arguments: Value) -> Value:
        """Run one probe. ReferenceFailed when the reference fails."""
        key = self._key + _digest([probe, arguments])
        if key in _replies:
            _replies.move_to_end(key)
            return _copy(_replies[key])
        try:
            reply = super().run(probe, **arguments)
        except StudentFailure as failure:
            raise ReferenceFailed(probe, failure) from None
        _replies[key] = _copy(reply)
        while len(_replies) > REPLIES:
            _replies.popitem(last=False)
        return reply


def _digest(value: Value) -> bytes:
    """A digest of a value: of tensors the bytes and how they are laid out."""
    digest = hashlib.sha256()
    waiting: list[Value] = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Tensor):
            digest.update(f"{item.dtype} {tuple(item.shape)} {item.stride()}\0".encode())
            flat = item.detach().contiguous().reshape(-1)
            digest.update(flat.view(torch.uint8).numpy().data if flat.numel() else b"")
        elif isinstance(item, dict):
            digest.update(f"dict {len(item)}\0".encode())
            waiting += [part for pair in item.items() for part in pair]
        elif isinstance(item, list):
            digest.update(f"list {len(item)}\0".encode())
            waiting += item
        else:
            digest.update(f"{type(item).__name__} {item!r}\0".encode())
    return digest.digest()


def _copy(value: Value) -> Value:
    """A value that shares nothing with another that could be changed."""
    if isinstance(value, Tensor):
        return value.detach().clone()
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Context:
    """One grading run. `data` is the folder of the full data set, None for the bundled sample."""

    lab: Lab
    device: str
    data: Path | None
    seed: int

    @classmethod
    def default(cls, lab: Lab) -> Context:
        """The bundled sample on the CPU, seed 0."""
        return cls(lab, "cpu", None, 0)

    @cached_property
    def reference(self) -> Reference:
        """The reference solution."""
        return Reference(self.lab.reference(), self.lab.probes, stand_ins(self.lab))


CONTEXT_KEY = pytest.StashKey[Context]()
"""Where a grading run leaves its context in pytest's config."""

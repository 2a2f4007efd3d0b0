"""Which calls do a question's work for the student, where the work is to be done by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache

import torch

_NAME = re.compile(r"[A-Za-z0-9_]{1,40}::?[A-Za-z0-9_]{1,60}")


@dataclass(frozen=True)
class ByHand:
    """What a lab watches in questions to be answered by hand: the `BY_HAND` of its module `by_hand`.

    Each kind of call has in `watched` the patterns of operations that a watch may see, in `named` what torch
    and other libraries call it in a text, and in `told` what students read of it. `others` are functions of
    other questions: what these call is their own matter.
    """

    watched: Mapping[str, Sequence[str]] = field(default_factory=dict)
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)
    others: frozenset[str] = frozenset()
    told: Mapping[str, str] = field(default_factory=dict)

    def knows(self, kind: str, operation: str) -> bool:
        """Whether there is such an operation, and it is of this kind: a worker may claim anything."""
        if not _NAME.fullmatch(operation):
            return False
        patterns = self.watched.get(kind, ())
        known = operation in patterns or operation in _operators()
        return known and any(fnmatchcase(operation, pattern) for pattern in patterns)

    def kind(self, name: str) -> str:
        """The kind of call that a library's function of this name is, or ""."""
        return next((kind for kind, names in self.named.items() if name in names), "")


@cache
def _operators() -> frozenset[str]:
    """Every operator of torch."""
    return frozenset(schema.name for schema in torch._C._jit_get_all_schemas())

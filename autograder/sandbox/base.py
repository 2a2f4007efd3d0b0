"""What a caller of the sandbox deals with: limits going in, failures coming out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.errors import GraderError

OWN_VERDICTS = frozenset({"error", "memory", "not implemented"})
"""Verdicts that a child may give itself; `timeout` and `crashed` are the grader's to find."""


class SandboxError(GraderError):
    """The sandbox itself failed or cannot be built: the grader's fault, never the submission's."""


class ChildFailure(Exception):
    """Student code returned no value. `verdict` says how; `kind`, `message` and `trace` say why."""

    def __init__(
        self, verdict: str, kind: str, message: str, trace: str = "", cpu_seconds: float = 0.0
    ) -> None:
        super().__init__(f"{verdict}: {kind}: {message}")
        self.verdict = verdict
        self.kind = kind
        self.message = message
        self.trace = trace
        self.cpu_seconds = cpu_seconds


@dataclass(frozen=True)
class Setting:
    """What one call is made with besides its arguments.

    Args:
        stretch: calls of one stretch find modules as the last one left them, another stretch fresh ones.
        given: the texts that stand in for functions of the submission.
        seed: what the call draws from.
        wall_seconds: how long it may take, within what the child has left.
        cpu_seconds: the same for CPU time.
    """

    stretch: str = ""
    given: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    seed: int = 0
    wall_seconds: float = math.inf
    cpu_seconds: float = math.inf


@dataclass(frozen=True)
class ChildLimits:
    """What one child may use in all its calls together.

    `wall_seconds` counts while a call runs. `memory_bytes` comes on top of what torch itself maps.
    `accelerator` lets it use a GPU: no limit of its address space then, and a wider filter.
    """

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    output_bytes: int = 16 * 1024
    reply_bytes: int = 64 * 2**20
    accelerator: bool = False

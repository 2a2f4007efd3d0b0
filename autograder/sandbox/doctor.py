"""Reports what the sandbox can do on this machine: every layer, and every promise tried for real."""

from __future__ import annotations

import platform
from typing import NamedTuple

from autograder.sandbox import selftest
from autograder.sandbox.base import SandboxError
from autograder.sandbox.client import Zygote


class Finding(NamedTuple):
    """One layer or one promise: whether it holds, and why not."""

    name: str
    on: bool
    why: str


def diagnose(device: str = "cpu") -> list[Finding]:
    """Start a sandbox as grading would, without refusing, and look: layers first, promises after them.

    The promises are those to a child that computes on `device`.
    """
    try:
        with Zygote([], unsafe=True) as zygote:
            tried = zygote.tried(device)
            layers = [Finding(name, True, "") for name in zygote.isolation if not name.startswith("UNSAFE")]
            missing = [Finding(name, False, why) for name, why in zygote.missing.items()]
    except SandboxError as error:
        return [Finding("sandbox", False, f"{error} ({platform.system()} {platform.release()})")]
    promises = [
        Finding(_promise(n), r == selftest.HELD, "" if r == selftest.HELD else r) for n, r in tried.items()
    ]
    return [*layers, *missing, *promises]


def _promise(name: str) -> str:
    return f"student code can {name}" if name in selftest.WANTED else f"student code cannot {name}"

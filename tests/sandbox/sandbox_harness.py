"""Zygotes for the sandbox's tests, with all layers or with some left out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.sandbox import Limits, SandboxError, Zygote

HERE = Path(__file__).parent
PRELOAD = ("sandbox_probes",)
LIMITS = Limits(cpu_seconds=20, wall_seconds=60, memory_bytes=256 * 2**20)
NAMESPACES = ("user_ns", "pid_ns", "mnt_ns", "net_ns", "ipc_ns", "uts_ns")
SETS = {
    "all": (),
    "container": NAMESPACES,
    "no-landlock": ("landlock",),
    "chroot": (*NAMESPACES, "landlock"),
}


impossible: dict[str, str] = {}


def started(layers: str) -> Zygote:
    """A zygote with one of the sets of layers, or a skip where this system cannot have it."""
    if layers in impossible:
        pytest.skip(impossible[layers])
    try:
        return Zygote(PRELOAD, [HERE], without=SETS[layers])
    except SandboxError as error:
        if layers == "all" or "for want of mnt_ns or landlock or chroot" not in str(error):
            raise
        impossible[layers] = f"not on this system: {error}"
        pytest.skip(impossible[layers])


# ---- attacks ---------------------------------------------------------------------------------------

FRAMES = """
import json, struct
def frame(nonce, value=True, kind="value", tensors=(), size=0):
    text = json.dumps({"kind": kind, "nonce": nonce, "tensors": list(tensors), "value": value}).encode()
    return struct.pack(">IQ", len(text), size) + text
"""
"""What the attacks on the protocol import as `frames`."""


@dataclass(frozen=True)
class Attack:
    """A hostile module `work` with a function `go`, and the verdicts that are honest for it.

    `value` is honest where the call may well return something, as long as that is nothing it should not have.
    """

    group: str
    name: str
    verdicts: frozenset[str]
    source: str


def attacks() -> list[Attack]:
    """All of `attacks/*.txt`: each begins with a line `# ---- what it is after: honest verdicts`."""
    found = []
    for path in sorted((HERE / "attacks").glob("*.txt")):
        parts = re.split(r"^# ---- (.+): ([a-z, ]+)\n", path.read_text("utf-8"), flags=re.MULTILINE)[1:]
        for name, verdicts, source in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
            found.append(Attack(path.stem, name, frozenset(verdicts.split(", ")), source))
    return found

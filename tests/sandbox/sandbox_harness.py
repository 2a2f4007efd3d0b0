"""Zygotes for the sandbox's tests, with all layers or with some left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.sandbox import ChildLimits, SandboxError, Zygote

HERE = Path(__file__).parent
PRELOAD = ("sandbox_probes",)
LIMITS = ChildLimits(cpu_seconds=20, wall_seconds=60, memory_bytes=256 * 2**20)
NAMESPACES = ("user_ns", "pid_ns", "mnt_ns", "net_ns", "ipc_ns", "uts_ns")
SETS = {
    "all": (),
    "container": NAMESPACES,
    "no-landlock": ("landlock",),
    "chroot": (*NAMESPACES, "landlock"),
    "accelerator": (),
}
"""The layers that are left out. `accelerator` has all, but its children get the wider profile for a GPU."""


impossible: dict[str, str] = {}


def started(layers: str) -> Zygote:
    """A zygote with one of the sets of layers, or a skip where this system cannot have it."""
    if layers in impossible:
        pytest.skip(impossible[layers])
    try:
        return Zygote(PRELOAD, [HERE], without=SETS[layers])
    except SandboxError as error:
        if layers == "all" or "missing: mnt_ns or landlock or chroot" not in str(error):
            raise
        impossible[layers] = f"not on this system: {error}"
        pytest.skip(impossible[layers])

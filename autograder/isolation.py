"""How well student code is isolated, in words: the one summary that terminal, pages and doctor show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

ROOTS = ("mnt_ns", "landlock", "chroot")
"""Layers of which one at least must hide the file system."""
CHILD_LAYERS = ("seccomp", "no_new_privs", "undumpable", "rlimits", "no_capabilities", "death_signal")
"""Layers that every child must have."""
STRONG = ("pid_ns", "mnt_ns", "net_ns", "ipc_ns", "landlock")
"""Layers without which isolation counts as reduced."""
UNSAFE = "UNSAFE:"
"""How the first entry begins where grading went on without a mandatory layer."""


def kinds(isolation: Sequence[str]) -> set[str]:
    """The names of the layers in force, without their details."""
    return {name.split()[0] for name in isolation}


def summary(isolation: Sequence[str], missing: Mapping[str, str]) -> str:
    """One line, e.g. `REDUCED (no pid_ns: Operation not permitted; on: landlock 7, seccomp, ...)`.

    `isolation` are the layers in force, `missing` the others and why. The level is NONE, REDUCED or FULL.
    """
    level = "REDUCED" if missing.keys() & {*STRONG, *CHILD_LAYERS} else "FULL"
    if UNSAFE in kinds(isolation):
        level = "NONE"
    lacking = [f"no {name}: {why}" for name, why in missing.items()]
    return f"{level} ({'; '.join([*lacking, 'on: ' + (', '.join(isolation) or 'nothing')])})"

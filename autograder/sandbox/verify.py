"""The grader's own look at what the sandbox says of itself: required layers, and what the kernel tells of a child."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOTS = ("mnt_ns", "landlock", "chroot")
CHILD_LAYERS = ("seccomp", "no_new_privs", "undumpable", "rlimits", "no_capabilities", "death_signal")
STRONG = ("pid_ns", "mnt_ns", "net_ns", "ipc_ns", "landlock")
ADVICE = (
    "Grade on Linux 5.13 or later, or inside a container as root (docker run with its default profile will do); "
    "`convlab doctor` tells what is missing. --unsafe-no-sandbox grades all the same, and says so in every report"
)


def missing_layers(isolation: Sequence[str], *, root: bool) -> list[str]:
    """The mandatory layers that are not in force."""
    have = {name.split()[0] for name in isolation}
    missing = [name for name in CHILD_LAYERS if name not in have]
    if root and "uid_drop" not in have:
        missing.append("uid_drop")
    if not have & set(ROOTS):
        missing.append(" or ".join(ROOTS))
    return missing


def summary(isolation: Sequence[str], missing: Mapping[str, str]) -> str:
    """One line, e.g. `REDUCED (no pid_ns: Operation not permitted; on: landlock 7, seccomp, ...)`."""
    lacking = [f"no {name}: {missing[name]}" for name in STRONG if name in missing]
    if any(name.startswith("UNSAFE") for name in isolation):
        level = "NONE"
    else:
        level = "REDUCED" if lacking else "FULL"
    return f"{level} ({'; '.join([*lacking, 'on: ' + ', '.join(isolation)])})"


def stranger(pid: int, hello: Mapping[str, Any], user: int | None, isolation: Sequence[str]) -> str:
    """Why process `pid` is not the child that was ordered; empty if it is. The kernel is asked, not the child."""
    have = {name.split()[0] for name in isolation}
    wanted = {
        "Seccomp": ("2", "seccomp" in have),
        "NoNewPrivs": ("1", "no_new_privs" in have),
        "CapEff": ("0000000000000000", "no_capabilities" in have),
        "CapPrm": ("0000000000000000", "no_capabilities" in have),
        "Uid": ("\t".join([str(user)] * 4), user is not None and "uid_drop" in have),
        "Gid": ("\t".join([str(user)] * 4), user is not None and "uid_drop" in have),
        "Groups": ("", user is not None and "uid_drop" in have),
        "Threads": ("1", True),
    }
    status = _status(pid)
    for field, (value, due) in wanted.items():
        if due and field in status and status[field] != value:
            return f"its {field} is {status[field] or 'empty'}, not {value or 'empty'}"
    if not status:
        return f"nothing is known of its process {pid}: /proc is hidden or not mounted"
    if "pid_ns" in have and status.get("NSpid", "\t1").split()[-1] != "1":
        return "it is in no pid namespace of its own"
    if user is not None and "uid_drop" in have and hello.get("user") != user:
        return f"it runs as user {hello.get('user')}, not {user}"
    return ""


def _status(pid: int) -> dict[str, str]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8", "replace").splitlines()
    except OSError:
        return {}
    pairs = [line.partition(":") for line in lines]
    return {name: value.strip() for name, _, value in pairs}

"""The grader's own look at the sandbox: which layers are required, and what the kernel tells of a child."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

ROOTS = ("mnt_ns", "landlock", "chroot")
CHILD_LAYERS = ("seccomp", "no_new_privs", "undumpable", "rlimits", "no_capabilities", "death_signal")
STRONG = ("pid_ns", "mnt_ns", "net_ns", "ipc_ns", "landlock")
ADVICE = (
    "Grade on Linux 5.13 or later, or inside a container (the repository's Dockerfile makes one; docker's "
    "default profile will do); `convlab doctor` tells more. With --unsafe-no-sandbox grading goes on, and "
    "every report says so"
)
_NO_CAPABILITIES = "0" * 16


def _kinds(isolation: Sequence[str]) -> set[str]:
    return {name.split()[0] for name in isolation}


def missing_layers(isolation: Sequence[str], *, root: bool) -> list[str]:
    """The mandatory layers that are not in force."""
    have = _kinds(isolation)
    missing = [name for name in CHILD_LAYERS if name not in have]
    if root and "uid_drop" not in have:
        missing.append("uid_drop")
    if not have & set(ROOTS):
        missing.append(" or ".join(ROOTS))
    return missing


def summary(isolation: Sequence[str], missing: Mapping[str, str]) -> str:
    """One line, e.g. `REDUCED (no pid_ns: Operation not permitted; on: landlock 7, seccomp, ...)`."""
    lacking = [f"no {name}: {missing[name]}" for name in STRONG if name in missing]
    level = "REDUCED" if lacking else "FULL"
    if "UNSAFE:" in _kinds(isolation):
        level = "NONE"
    return f"{level} ({'; '.join([*lacking, 'on: ' + ', '.join(isolation)])})"


def stranger(pid: int, claimed: int, user: int | None, isolation: Sequence[str]) -> list[str]:
    """In what process `pid` differs from the child that was ordered. The kernel is asked, not the child."""
    have = _kinds(isolation)
    status = _status(pid)
    if not status:
        return [f"nothing is known of its process {pid}: /proc is hidden or not mounted"]
    wanted = {"Threads": "1"}
    wanted |= {"Seccomp": "2"} if "seccomp" in have else {}
    wanted |= {"NoNewPrivs": "1"} if "no_new_privs" in have else {}
    wanted |= (
        dict.fromkeys(("CapEff", "CapPrm", "CapInh"), _NO_CAPABILITIES) if "no_capabilities" in have else {}
    )
    if user is not None and "uid_drop" in have:
        wanted |= {"Uid": "\t".join([str(user)] * 4), "Gid": "\t".join([str(user)] * 4), "Groups": ""}
    wrong = [f"{k} is {status[k]!r}, not {v!r}" for k, v in wanted.items() if k in status and status[k] != v]
    if "pid_ns" in have and status.get("NSpid", "1").split()[-1] != "1":
        wrong.append("it is in no pid namespace of its own")
    if user is not None and "uid_drop" in have and claimed != user:
        wrong.append(f"it runs as user {claimed}, not {user}")
    return wrong


def _status(pid: int) -> dict[str, str]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8", "replace").splitlines()
    except OSError:
        return {}
    pairs = [line.partition(":") for line in lines]
    return {name: value.strip() for name, _, value in pairs}

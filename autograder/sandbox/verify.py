"""The grader's own look at the sandbox: the required layers, and what the kernel reports about a child."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.isolation import CHILD_LAYERS, ROOTS, kinds

ADVICE = (
    "Grade on Linux 5.13 or later, or inside a container (the repository's Dockerfile makes one; docker's "
    "default profile will do); `convlab doctor` shows more. With --unsafe-no-sandbox grading goes on, and "
    "every report says so"
)
_NO_CAPABILITIES = "0" * 16


def missing_layers(isolation: Sequence[str], *, root: bool) -> list[str]:
    """The mandatory layers that are not in force."""
    have = kinds(isolation)
    missing = [name for name in CHILD_LAYERS if name not in have]
    if root and "uid_drop" not in have:
        missing.append("uid_drop")
    if not have & set(ROOTS):
        missing.append(" or ".join(ROOTS))
    return missing


def stranger(pid: int, claimed: int, user: int | None, isolation: Sequence[str]) -> list[str]:
    """In what process `pid` differs from the child that was ordered. The kernel is asked, not the child."""
    have = kinds(isolation)
    status = _status(pid)
    if not status:
        return [f"cannot inspect its process {pid}: /proc is hidden or not mounted"]
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

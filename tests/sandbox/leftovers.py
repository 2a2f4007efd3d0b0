"""What a sandbox could leave on a machine: processes, mounts, cgroups, shared memory, temporary files.

Other work goes on beside the tests, other graders too: only what is ours is looked at.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from autograder.sandbox import client
from autograder.sandbox.confine import BLOCK, BLOCKS, FIRST_USER

OWN_USERS = range(FIRST_USER, FIRST_USER + BLOCKS * BLOCK)
SETTLING = 30.0  # seconds that a killed process is given to be gone, on a machine with other work
_TABLES = ("shm", "msg", "sem")


def lasting(temporary: Path, before: set[str]) -> set[str]:
    """What is there now, was not before, and does not go away."""
    end = time.monotonic() + SETTLING
    while (left := found(temporary) - before) and time.monotonic() < end:
        time.sleep(0.1)
    return left


def found(temporary: Path) -> set[str]:
    """All that is ours now, in words."""
    return {*_processes(), *_mounts(), *_cgroups(), *_shared_memory(), *_files(temporary)}


def _processes() -> Iterator[str]:
    """Zygotes and children of this checkout that this process started, or whose grader is gone."""
    ours: set[int] = set()
    boot = f"sys.path.insert(0, {str(client.ROOT)!r})"
    for process in sorted(psutil.process_iter(["pid", "ppid", "cmdline", "status"]), key=lambda p: p.pid):
        facts = process.info
        unburied = facts["status"] == psutil.STATUS_ZOMBIE and facts["ppid"] == os.getpid()
        boots = any(boot in word for word in facts["cmdline"] or ())
        if unburied or (boots and _parentless(facts["ppid"], ours)):
            ours.add(facts["pid"])
            yield f"process {facts['pid']}, {facts['status']}"


def _parentless(parent: int, ours: set[int]) -> bool:
    if parent in (0, 1, os.getpid()) or parent in ours:
        return True
    try:
        return not any("python" in word or "convlab" in word for word in psutil.Process(parent).cmdline()[:2])
    except psutil.NoSuchProcess:
        return True


def _mounts() -> Iterator[str]:
    """The mounts that this process sees; a zygote's own are in another namespace."""
    for line in Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines():
        yield f"mount {line.split()[4]}"


def _cgroups() -> Iterator[str]:
    yield f"this process is in {Path('/proc/self/cgroup').read_text().strip()}"
    yield from (f"cgroup {path}" for path in Path("/sys/fs/cgroup").glob("**/*convlab*"))


def _shared_memory() -> Iterator[str]:
    for path in Path("/dev/shm").glob("*"):
        try:
            if "convlab" in path.name or path.lstat().st_uid in OWN_USERS:
                yield f"shared memory {path}"
        except FileNotFoundError:
            continue
    for table in _TABLES:
        path = Path("/proc/sysvipc") / table
        lines = path.read_text("ascii").splitlines() if path.exists() else [""]
        columns = lines[0].split()
        for line in lines[1:] if "uid" in columns else ():
            if int(line.split()[columns.index("uid")]) in OWN_USERS:
                yield f"System V {table} {line.split()[1]}"


def _files(temporary: Path) -> Iterator[str]:
    yield from (f"temporary file {path}" for path in temporary.iterdir() if path.name.startswith("convlab-"))
    yield from (f"stray file {path}" for path in Path("/tmp").glob("convlab-owned*"))

"""Runs a Python script as an ordinary user, for tests that root runs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from autograder.sandbox import linux

USER = 61_234  # nobody's, on any system


def run(script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script with this interpreter as USER, who holds no capability and nothing of root's."""
    hold = tempfile.mkdtemp(prefix="convlab-")
    try:
        return subprocess.run(
            [sys.executable, "-B", str(script), *arguments],
            preexec_fn=lambda: _become(hold),
            env={"PATH": "/usr/bin:/bin"},
            cwd="/",
            capture_output=True,
            text=True,
        )
    finally:
        Path(hold).rmdir()


def _become(hold: str) -> None:
    prefix = Path(sys.base_prefix).resolve()
    closed = [path for path in reversed(prefix.parents) if not path.stat().st_mode & 0o001]
    if closed:
        _open_up(closed[0], prefix, hold)
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)


def _open_up(closed: Path, prefix: Path, hold: str) -> None:
    """Put a folder that leads to Python alone in place of `closed`, for this process's eyes only."""
    linux.unshare(linux.CLONE_NEWNS)
    linux.mount("none", "/", "", linux.MS_REC | linux.MS_PRIVATE)
    linux.mount(str(prefix), hold, "", linux.MS_BIND)
    linux.mount("tmpfs", str(closed), "tmpfs", 0, "mode=0755")
    prefix.mkdir(parents=True)
    linux.mount(hold, str(prefix), "", linux.MS_BIND)

"""One writer at a time: the lock on a results folder, and who holds it."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
import sys
from contextlib import suppress
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path

import click

from autograder.errors import UsageError, reason
from autograder.gradebook.names import LOCK
from autograder.text import printable


class InUse(UsageError):
    """A folder whose lock another process holds; `holder` says who."""

    def __init__(self, folder: Path, holder: str) -> None:
        super().__init__(f"{folder}: in use by {holder}; wait for it, or name another folder")
        self.holder = holder


def locked(folder: Path) -> TextIOWrapper:
    """The lock on a folder, which is made if need be; closing it unlocks. InUse says who holds it.

    The system lets go of it when the process ends, however it ends. The file stays: to remove it would let
    two processes hold locks on two files of one name.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stream = (folder / LOCK).open("a+", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {reason(error)}") from None
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = _holder(stream)
        stream.close()
        if error.errno != errno.EWOULDBLOCK:
            raise UsageError(f"{folder}: cannot be locked: {reason(error)}") from None
        raise InUse(folder, holder) from None
    try:
        stream.truncate(0)
        since = datetime.now(UTC).isoformat(timespec="seconds")
        who = {"process": os.getpid(), "host": socket.gethostname(), "command": _command(), "since": since}
        stream.write(json.dumps(who))
        stream.flush()
    except OSError as error:
        with suppress(OSError):
            stream.close()
        raise UsageError(f"{folder}: cannot be written: {reason(error)}") from None
    return stream


def _command() -> str:
    """The command that this process carries out."""
    context = click.get_current_context(silent=True)
    if context is None:
        return printable(Path(sys.argv[0]).name)
    return printable(" ".join(["convlab", *context.command_path.split()[1:]]))


def _holder(stream: TextIOWrapper) -> str:
    """Who holds a lock, as its file says."""
    try:
        stream.seek(0)
        found = json.loads(stream.read(4096))
        command = f" (`{printable(found['command'])}`)" if found.get("command") else ""
        return f"process {found['process']} on {found['host']}{command} since {found['since']}"
    except (ValueError, KeyError, TypeError, OSError):
        return "another run"

"""One writer at a time: the lock on a results folder, and who holds it."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path

from autograder.errors import UsageError, reason
from autograder.gradebook.names import LOCK


def locked(folder: Path) -> TextIOWrapper:
    """The lock on a folder, which is made if need be; closing it unlocks. UsageError says who holds it.

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
        raise UsageError(f"{folder}: in use by {holder}; wait for it, or name another folder") from None
    stream.truncate(0)
    since = datetime.now(UTC).isoformat(timespec="seconds")
    stream.write(json.dumps({"process": os.getpid(), "host": socket.gethostname(), "since": since}))
    stream.flush()
    return stream


def _holder(stream: TextIOWrapper) -> str:
    """Who holds a lock, as its file says."""
    try:
        stream.seek(0)
        found = json.loads(stream.read(4096))
        return f"process {found['process']} on {found['host']} since {found['since']}"
    except (ValueError, KeyError, TypeError, OSError):
        return "another run"

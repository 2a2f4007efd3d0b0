"""Files are written here and nowhere else: each is there whole, or as it was before."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from autograder.errors import UsageError, reason

PART = ".convlab-part-"
"""How the name of an unfinished file begins. Only a process that was killed leaves one behind."""


def write_whole(path: Path, data: bytes | str) -> None:
    """Write one file, with its folders; text is written in UTF-8. UsageError when that cannot be done."""
    write_all_or_nothing({path: data})


def write_all_or_nothing(files: Mapping[Path, bytes | str]) -> None:
    """Write files, each whole, and none when one of them cannot be written. UsageError names that one.

    All are complete on disk before the first takes its place, so that a full disk changes nothing.
    """
    staged: list[tuple[Path, Path]] = []
    path = Path()
    try:
        for path, data in files.items():
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            staged.append((_staged(path, data.encode() if isinstance(data, str) else data), path))
        for temporary, path in staged:
            temporary.replace(path)
    except OSError as error:
        text = f"{path} cannot be written: {reason(error)}"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            text += ". Files already written are complete; free some space and run the same command again"
        raise UsageError(text) from None
    finally:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)


def _staged(path: Path, data: bytes) -> Path:
    """A temporary file beside `path` that holds the data."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=PART)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary

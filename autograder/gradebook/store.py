"""The output folder: locked against a second run; every file is there whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Any

from pydantic import ValidationError

from autograder.errors import UsageError
from autograder.grade import Grade, Student
from autograder.gradebook.gradescope import results
from autograder.gradebook.table import grades_csv

TABLE = "grades.csv"
LOCK = ".convlab.lock"
PART = ".convlab-part-"
HISTORY = "history"
SHARE = 20
"""The table of all is written anew when grading has taken so many times as long as writing it did."""


class Store:
    """Where grades are written and found again. A context manager: one run at a time holds it."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self._due = 0.0

    def __enter__(self) -> Store:
        self._lock = _locked(self.out)
        for left in (*self.out.glob(f"{PART}*"), *self.out.glob(f"*/{PART}*")):
            left.unlink(missing_ok=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._lock.close()

    def grade(self, name: str) -> Grade | None:
        """The grade of an earlier run, if it is whole and this submission's."""
        try:
            grade = Grade.model_validate_json((self.out / name / "grade.json").read_bytes())
        except (OSError, ValidationError):
            return None
        return grade if grade.submission == name else None

    def put(self, name: str, grade: Grade) -> None:
        """Write a grade's files, grade.json last; an earlier grade that was another goes into history/."""
        folder = self.out / name
        earlier = self.grade(name)
        if earlier is not None and timeless(earlier) != timeless(grade):
            self._remember(folder, earlier)
        _write_new(folder / "results.json", results(grade))
        _write_new(folder / "grade.json", grade.to_json())

    def drop(self, name: str) -> None:
        """Where there is no grade now, none of an earlier run may stay; it goes into history/."""
        folder = self.out / name
        if (earlier := self.grade(name)) is not None:
            self._remember(folder, earlier)
        for file in ("grade.json", "results.json", "feedback.html"):
            (folder / file).unlink(missing_ok=True)

    def table(
        self,
        rows: Sequence[tuple[str, Grade | str]],
        questions: Sequence[str],
        students: Mapping[str, Student] | None = None,
        last: bool = False,
    ) -> None:
        """Write the table of all so far: at once, then now and then, and at the end.

        `students` are those of submissions that have no grade.
        """
        started = time.monotonic()
        if last or started >= self._due:
            write(self.out / TABLE, grades_csv(rows, questions, students))
            now = time.monotonic()
            self._due = now + SHARE * (now - started)

    def _remember(self, folder: Path, earlier: Grade) -> None:
        numbers = [int(path.stem) for path in (folder / HISTORY).glob("*.json") if path.stem.isdecimal()]
        write(folder / HISTORY / f"{max(numbers, default=0) + 1}.json", earlier.to_json())


def timeless(grade: Grade) -> dict[str, Any]:
    """A grade without what the clock says, to be compared."""
    data = grade.model_dump(mode="json", exclude={"seconds"})
    for question in data["questions"]:
        for check in question["checks"]:
            del check["seconds"]
    return data


def _locked(out: Path) -> TextIOWrapper:
    """The lock on a folder. The system lets go of it when the process ends, however it ends."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        stream = (out / LOCK).open("a+", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--out {out}: cannot be written: {error.strerror or error}") from None
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        told = _holder(stream)
        stream.close()
        if error.errno != errno.EWOULDBLOCK:
            raise UsageError(f"--out {out}: cannot be locked: {error.strerror or error}") from None
        raise UsageError(f"--out {out}: in use by {told}; wait for it, or name another folder") from None
    stream.truncate(0)
    since = datetime.now(UTC).isoformat(timespec="seconds")
    stream.write(json.dumps({"process": os.getpid(), "host": socket.gethostname(), "since": since}))
    stream.flush()
    return stream


def _holder(stream: TextIOWrapper) -> str:
    """Who holds a lock, as its file says."""
    try:
        stream.seek(0)
        told = json.loads(stream.read(4096))
        return f"process {told['process']} on {told['host']} since {told['since']}"
    except (ValueError, KeyError, TypeError, OSError):
        return "another run"


def _write_new(path: Path, text: str) -> None:
    """Write a file unless it holds that text already."""
    try:
        if path.read_bytes() == text.encode("utf-8"):
            return
    except OSError:
        pass
    write(path, text)


def write(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all. UsageError when that cannot be done."""
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=PART, delete=False, encoding="utf-8"
        ) as stream:
            temporary = Path(stream.name)
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {_told(error)}") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _told(error: OSError) -> str:
    reason = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{reason}. What is written is whole; make room and run the same command again"
    return reason

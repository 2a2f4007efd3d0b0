"""Which submissions there are to grade, and the ids under which their results go."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.errors import UsageError, reason
from autograder.grade import Student
from autograder.gradebook.names import LOCK, RESERVED, TABLE
from autograder.lab import Lab
from autograder.submission import Handed, Submission, find_handed_in, open_submission


@dataclass(frozen=True)
class Item:
    """One submission to grade: the id under which its results go, where it is, and whose it is.

    `opened` is what was handed in, where that has been read already.
    """

    id: str
    path: Path
    handed: Handed | None = None
    student: Student | None = None
    opened: Submission | None = field(default=None, repr=False, compare=False)

    def open(self, lab: Lab) -> Submission:
        """What was handed in. SubmissionError when it cannot be read."""
        if self.opened is not None:
            return self.opened
        return self.handed.open(lab) if self.handed else open_submission(self.path, lab)


def collect(paths: Iterable[Path], lab: Lab, out: Path) -> list[Item]:
    """The submissions under `paths`, before anything costly begins.

    SubmissionError where there is nothing to grade, or where the only submission cannot be read; UsageError
    when `out` cannot be written or is in a submission.
    """
    found: dict[tuple[Path, str], Handed] = {}
    for path in paths:
        for one in find_handed_in(path, lab):
            if one.path == path or _real(one.path) != _real(out) or not _holds_results(out):
                found.setdefault((_place(one.path), one.part), one)
    names = _names(one.id for one in found.values())
    items = [Item(name, one.path, one, one.student) for name, one in zip(names, found.values(), strict=True)]
    if len(items) == 1:
        items = [replace(items[0], opened=items[0].open(lab))]
    for item in items:
        if _real(item.path) in (_real(out), *_real(out).parents, _real(out / item.id)):
            raise UsageError(f"--out {out}: results would be written into {item.path}; name another folder")
    _try_to_write(out)
    return items


def _real(path: Path) -> Path:
    """A path without links. Unlike `Path.resolve`, this raises nothing where links go round in a circle."""
    return Path(os.path.realpath(path))


def _place(path: Path) -> Path:
    """Where a path is, however it was written. A link is a submission of its own, under its own name."""
    return _real(path) if path.name in ("", "..") else _real(path.parent) / path.name


def _holds_results(out: Path) -> bool:
    """Whether a folder is empty or an earlier run's output, and so no submission."""
    return (out / TABLE).exists() or (out / LOCK).exists() or not any(out.iterdir())


def _names(wishes: Iterable[str]) -> list[str]:
    """An id for each that is wished for, with a number where it is taken."""
    names: list[str] = []
    taken = set(RESERVED)
    for wanted in wishes:
        name = wanted
        same = 1
        while name.casefold() in taken:
            same += 1
            name = f"{wanted}-{same}"
        taken.add(name.casefold())
        names.append(name)
    return names


def _try_to_write(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise UsageError(f"--out {out}: cannot be written: {reason(error)}") from None

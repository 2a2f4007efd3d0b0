"""Which submissions there are to grade, and the ids under which their results go."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from autograder.errors import UsageError, reason
from autograder.grade import Student
from autograder.gradebook import are_results
from autograder.gradebook.handed_in import place_of
from autograder.gradebook.names import LOCK, RESERVED, TABLE
from autograder.lab import Lab
from autograder.submission import (
    Handed,
    Intake,
    Submission,
    SubmissionError,
    Tell,
    find_handed_in,
    ids,
    open_submission,
    silent,
    without_results,
)
from autograder.text import printable, some


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


def collect(
    paths: Iterable[Path], lab: Lab, out: Path, tell: Tell = silent, intake: Intake | None = None
) -> list[Item]:
    """The submissions under `paths`, before anything costly begins.

    Args:
        paths: submissions, folders of several, platforms' downloads.
        lab: what was to be handed in.
        out: where results will go.
        tell: is given sentences about what was passed over.
        intake: how each path is taken.

    Folders of results, of this run or an earlier one, are no submissions. SubmissionError where there is
    nothing to grade, or where the only submission cannot be read; UsageError when `out` cannot be written, or
    is a path or in a submission.
    """
    found: dict[tuple[Path, str], Handed] = {}
    given = list(paths)
    intake = replace(intake or Intake(), lone=len(given) == 1)
    for path in given:
        for handed in _work(path, lab, out, tell, intake):
            found.setdefault((_place(handed.path), handed.part), handed)
    names = ids(list(found.values()), RESERVED, partial(place_of, out))
    items = [
        Item(name, handed.path, handed, handed.student)
        for name, handed in zip(names, found.values(), strict=True)
    ]
    if len(items) == 1:
        items = [replace(items[0], opened=items[0].open(lab))]
    _keep_apart(given, items, out)
    _try_to_write(out)
    return items


def _work(path: Path, lab: Lab, out: Path, tell: Tell, intake: Intake) -> list[Handed]:
    """The submissions under a path, without what convlab wrote. SubmissionError where nothing else is there.

    `tell` is given the results of other runs; that `out` is in a class is usual.
    """
    found = [
        handed
        for handed in find_handed_in(path, lab, tell, intake)
        if handed.path == path or _real(handed.path) != _real(out) or not _holds_results(out)
    ]
    work = without_results(found, path, lab, are_results)
    there = set(map(id, work))
    if results := [one for one in found if id(one) not in there]:
        names = [printable(one.part or one.path.name) for one in results]
        told = f"{some(names)} passed over: results of convlab"
        if not work:
            raise SubmissionError(f"{path}: {told}, and nothing else to grade; name the submissions")
        tell(f"{path}: {told}, not submissions")
    return work


def _keep_apart(paths: Iterable[Path], items: Iterable[Item], out: Path) -> None:
    """UsageError where results would go among what is graded: a later run would take them for hand-ins."""
    for item in items:
        if _real(item.path) in (_real(out), *_real(out).parents, _real(out / item.id)):
            raise _into(out, item.path)
    goals = {_real(out / item.id) for item in items}
    for path in map(_real, paths):
        if path == _real(out) or not goals.isdisjoint((path, *path.parents)):
            raise _into(out, path)


def _into(out: Path, path: Path) -> UsageError:
    return UsageError(f"--out {out}: results would be written into {path}; name another folder")


def _real(path: Path) -> Path:
    """A path without links. Unlike `Path.resolve`, this raises nothing where links go round in a circle."""
    return Path(os.path.realpath(path))


def _place(path: Path) -> Path:
    """Where a path is, however it was written. A link is a submission of its own, under its own name."""
    return _real(path) if path.name in ("", "..") else _real(path.parent) / path.name


def _holds_results(out: Path) -> bool:
    """Whether a folder is empty or an earlier run's output, and so no submission."""
    return (out / TABLE).exists() or (out / LOCK).exists() or not any(out.iterdir())


def _try_to_write(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise UsageError(f"--out {out}: cannot be written: {reason(error)}") from None

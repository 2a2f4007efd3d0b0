"""Many submissions, one after another: each grade is on disk before the next begins."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import Assignment
from autograder.grade import Grade
from autograder.grading import Grader, UsageError
from autograder.report import grades_csv, results
from autograder.submission import (
    Submission,
    SubmissionError,
    find_submissions,
    open_submission,
    submission_id,
)

Row = tuple[str, Grade | str]
"""A submission's id, and its grade or why it could not be read."""

TABLE = "grades.csv"
RESERVED = frozenset({TABLE, "report.html"})
"""Names in the output folder that no submission may have."""


@dataclass(frozen=True)
class Item:
    """One submission to grade: the id under which its results go, and where it lies."""

    id: str
    path: Path


def collect(paths: Iterable[Path], assignment: Assignment, out: Path) -> list[Item]:
    """The submissions under `paths`, before anything costly begins.

    SubmissionError where there is nothing to grade, or where the only submission cannot be read; UsageError
    when `out` cannot be written or lies in a submission.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        for one in find_submissions(path, assignment):
            if one == path or _real(one) != _real(out) or not _holds_results(out):
                found.setdefault(_place(one), one)
    items = [Item(name, path) for name, path in zip(_names(found.values()), found.values(), strict=True)]
    if len(items) == 1:
        open_submission(items[0].path, assignment)
    for item in items:
        if _real(item.path) in (_real(out), *_real(out).parents, _real(out / item.id)):
            raise UsageError(f"--out {out}: results would be written into {item.path}; name another folder")
    _try_to_write(out)
    return items


def _real(path: Path) -> Path:
    """A path without links. Unlike `Path.resolve`, this raises nothing where links go round in a circle."""
    return Path(os.path.realpath(path))


def _place(path: Path) -> Path:
    """Where a path lies, however it was written. A link is a submission of its own, under its own name."""
    return _real(path) if path.name in ("", "..") else _real(path.parent) / path.name


def _holds_results(out: Path) -> bool:
    """Whether a folder is empty or an earlier run's output, and so no submission."""
    return (out / TABLE).exists() or not any(out.iterdir())


def _names(paths: Iterable[Path]) -> list[str]:
    """An id for each path: its name without `.zip`, with a number where it is taken."""
    names: list[str] = []
    taken = set(RESERVED)
    for path in paths:
        wanted = name = submission_id(path)
        same = 1
        while name.casefold() in taken:
            same += 1
            name = f"{wanted}-{same}"
        taken.add(name.casefold())
        names.append(name)
    return names


def grade_all(items: Sequence[Item], grader: Grader, out: Path) -> Iterator[Row]:
    """Grade each submission and write its files and the table of all so far under `out`.

    One that cannot be read becomes a row with the reason. UsageError when `out` cannot be written.
    """
    questions = [question.id for question in grader.assignment.questions]
    rows: list[Row] = []
    for item in items:
        try:
            result: Grade | str = _graded(item, open_submission(item.path, grader.assignment), grader)
        except SubmissionError as error:
            result = str(error)
        rows.append((item.id, result))
        _write_results(out / item.id, result)
        write(out / TABLE, grades_csv(rows, questions))
        yield item.id, result


def _graded(item: Item, submission: Submission, grader: Grader) -> Grade:
    return grader.grade(submission).model_copy(update={"submission": item.id})


def _write_results(folder: Path, result: Grade | str) -> None:
    """Write a grade's files; where there is no grade, none of an earlier run may stay."""
    if isinstance(result, Grade):
        write(folder / "grade.json", result.to_json())
        write(folder / "results.json", results(result))
    else:
        for name in ("grade.json", "results.json"):
            if (folder / name).exists():
                (folder / name).unlink()


def _try_to_write(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise UsageError(f"--out {out}: cannot be written: {error.strerror or error}") from None


def write(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all. UsageError when that cannot be done."""
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as stream:
            temporary = Path(stream.name)
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)

"""Many submissions, one after another: each grade is on disk before the next begins."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.assignment import Assignment
from autograder.grade import Grade
from autograder.grading import Grader, UsageError
from autograder.report import grades_csv, results
from autograder.submission import SubmissionError, find_submissions, open_submission

Row = tuple[str, Grade | str]
"""A submission's id, and its grade or why it could not be read."""


def grade_all(paths: Iterable[Path], grader: Grader, out: Path) -> Iterator[Row]:
    """Grade every submission under `paths` and write its files under `out`, then the table of all.

    One that cannot be read among several becomes a row with the reason; a single one raises
    SubmissionError. UsageError when `out` cannot be written.
    """
    found = [one for path in paths for one in find_submissions(path, grader.assignment)]
    rows: list[Row] = []
    for path, name in zip(found, _names(found), strict=True):
        try:
            grade: Grade | str = _graded(path, name, grader)
        except SubmissionError as error:
            if len(found) == 1:
                raise
            grade = str(error)
        rows.append((name, grade))
        if isinstance(grade, Grade):
            _write_grade(out / name, grade)
        yield name, grade
    write(out / "grades.csv", grades_csv(rows, _questions(grader.assignment)))


def _graded(path: Path, name: str, grader: Grader) -> Grade:
    grade = grader.grade(open_submission(path, grader.assignment))
    return grade if grade.submission == name else grade.model_copy(update={"submission": name})


def _questions(assignment: Assignment) -> list[str]:
    return [question.id for question in assignment.questions]


def _names(paths: Iterable[Path]) -> list[str]:
    """A name for each path: its own without `.zip`, with a number where two are the same."""
    names: list[str] = []
    for path in paths:
        name = path.resolve().name
        name = name[:-4] if name.lower().endswith(".zip") else name
        same, wanted = 1, name or "submission"
        while wanted in names:
            same += 1
            wanted = f"{name}-{same}"
        names.append(wanted)
    return names


def _write_grade(folder: Path, grade: Grade) -> None:
    write(folder / "grade.json", grade.to_json())
    write(folder / "results.json", results(grade))


def write(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all. UsageError when that cannot be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(stream.name).replace(path)
        path.chmod(0o644)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None

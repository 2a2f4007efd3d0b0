"""Reads a results folder. No lock is needed for that: every file in it is there whole, or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from autograder.errors import UsageError, reason
from autograder.grade import Grade, Student
from autograder.gradebook.names import GRADE, LOCK, MARKS, RESULTS, TABLE, UNGRADED
from autograder.gradebook.table import student_of
from autograder.gradebook.ungraded import all_ungraded
from autograder.tables import unmarked

MAX_GRADE = 64 << 20


@dataclass(frozen=True)
class Results:
    """What is in a results folder, by submission.

    `unreadable` holds why a submission could not be read, `broken` what is wrong with a grade.json,
    `students` who handed in what has no grade, as far as that is known. `aside` are grades that do not count:
    withdrawn, or another hand-in of the same student counts. `unsure` is why a person has to say how late a
    submission was, `lapsed` why marks no longer count, by question. `absent` have marks, but were not in what
    was graded last; `strangers` have marks, and no row here at all. `faults` is filled by who shows them: why
    what has a grade could not be shown.
    """

    folder: Path
    grades: dict[str, Grade]
    unreadable: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    students: dict[str, Student] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    aside: dict[str, Grade] = field(default_factory=dict)
    unsure: dict[str, str] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    lapsed: dict[str, dict[str, str]] = field(default_factory=dict)


def are_results(files: Collection[tuple[str, ...]]) -> bool:
    """Whether files, by their paths in a folder, are results: of one submission, or of a class."""
    names: dict[tuple[str, ...], set[str]] = {}
    for *folder, name in files:
        names.setdefault(tuple(folder), set()).add(name)
    here = names.get((), set())
    return not here.isdisjoint((MARKS, LOCK)) or any(
        {GRADE, RESULTS} <= there or UNGRADED in there for folder, there in names.items() if len(folder) <= 1
    )


def read_results(folder: Path) -> Results:
    """Every grade.json under a results folder, as it is there. UsageError when there is none."""
    grades: dict[str, Grade] = {}
    broken: dict[str, str] = {}
    for name in graded_names(folder):
        grade = read_grade(folder / name / GRADE)
        if isinstance(grade, Grade):
            grades[name] = grade
        else:
            broken[name] = grade
    problems, students = _problems(folder)
    unreadable = {name: why for name, why in problems.items() if name not in grades | broken}
    return Results(folder, grades, unreadable, broken, students)


def ungraded(folder: Path) -> tuple[dict[str, str], dict[str, Student]]:
    """Why submissions without a grade have none, and whose they are as far as that is known."""
    problems, students = _problems(folder)
    left = {name: why for name, why in problems.items() if not (folder / name / GRADE).is_file()}
    return left, students


def graded_names(folder: Path) -> list[str]:
    """The submissions that have a grade.json, sorted. UsageError when there is none."""
    try:
        names = sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("."))
        found = [name for name in names if (folder / name / GRADE).is_file()]
    except OSError as error:
        raise UsageError(f"{folder}: {reason(error)}") from None
    if not found:
        raise UsageError(f"{folder}: holds no <submission>/{GRADE}; run `convlab grade ... --out {folder}`")
    return found


def read_grade(path: Path) -> Grade | str:
    """A grade.json as it is there, or what is wrong with it."""
    try:
        if path.stat().st_size > MAX_GRADE:
            return f"{path}: larger than {MAX_GRADE >> 20} MiB; grade this submission again"
        return Grade.model_validate_json(path.read_bytes())
    except OSError as error:
        return f"{path}: {reason(error)}"
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole file"
        return f"{path}: {place}: {first['msg']}; grade this submission again"


def _problems(folder: Path) -> tuple[dict[str, str], dict[str, Student]]:
    """Why submissions have no grade and whose they are: by their records, or an earlier convlab's table."""
    problems, students = _in_table(folder / TABLE)
    for name, record in all_ungraded(folder):
        problems[name] = record.why
        if record.student is not None:
            students[name] = record.student
    return problems, students


def _in_table(table: Path) -> tuple[dict[str, str], dict[str, Student]]:
    """What a grades.csv says of who has no grade."""
    try:
        rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    except (OSError, UnicodeDecodeError, csv.Error):
        return {}, {}
    problems, students = {}, {}
    for row in rows:
        name, problem = (unmarked(row.get(column) or "") for column in ("submission", "problem"))
        if name and problem:
            problems[name] = problem
            if (student := student_of(row)) is not None:
                students[name] = student
    return problems, students

"""Files of a results folder: read with care, written whole or not at all."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from autograder.errors import ConvlabError
from autograder.grade import Grade, Student
from autograder.gradebook.table import student_of

GRADE, RESULTS, TABLE = "grade.json", "results.json", "grades.csv"


class ReportError(ConvlabError):
    """A results folder or a file that cannot be used; the text names it and says what to do."""


@dataclass(frozen=True)
class Results:
    """What lies in a results folder, by submission.

    `unreadable` holds why a submission could not be read, `broken` what is wrong with a grade.json,
    `students` who handed in what has no grade, as far as that is known.
    """

    folder: Path
    grades: dict[str, Grade]
    unreadable: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    students: dict[str, Student] = field(default_factory=dict)


def read_results(folder: Path) -> Results:
    """Every grade under a results folder. ReportError when there is none."""
    grades: dict[str, Grade] = {}
    broken: dict[str, str] = {}
    try:
        names = sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("."))
        for name in names:
            path = folder / name / GRADE
            if path.is_file():
                grade = _read_grade(path)
                if isinstance(grade, Grade):
                    grades[name] = grade
                else:
                    broken[name] = grade
    except OSError as error:
        raise ReportError(f"{folder}: {error.strerror or error}") from None
    if not grades and not broken:
        raise ReportError(f"{folder}: holds no <submission>/{GRADE}; run `convlab grade ... --out {folder}`")
    problems, students = _problems(folder / TABLE)
    unreadable = {name: why for name, why in problems.items() if name not in grades | broken}
    return Results(folder, grades, unreadable, broken, students)


def _read_grade(path: Path) -> Grade | str:
    try:
        return Grade.model_validate_json(path.read_bytes())
    except OSError as error:
        return f"{path}: {error.strerror or error}"
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole file"
        return f"{path}: {place}: {first['msg']}; grade this submission again"


def _problems(table: Path) -> tuple[dict[str, str], dict[str, Student]]:
    """Why submissions have no grade and whose they are, as an earlier run's grades.csv says it."""
    try:
        rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    except (OSError, UnicodeDecodeError, csv.Error):
        return {}, {}
    problems, students = {}, {}
    for row in rows:
        name, problem = row.get("submission"), row.get("problem")
        if name and problem:
            problems[name] = problem
            if (student := student_of(row)) is not None:
                students[name] = student
    return problems, students


def write_all(files: Mapping[Path, str]) -> None:
    """Write files so that each is there whole or not at all, and none when one of them cannot be written."""
    staged: list[tuple[Path, Path]] = []
    path = Path()
    try:
        for path, text in files.items():
            staged.append((_stage(path, text), path))
        for temporary, path in staged:
            temporary.replace(path)
    except OSError as error:
        raise ReportError(f"{path} cannot be written: {error.strerror or error}") from None
    finally:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)


def _stage(path: Path, text: str) -> Path:
    """A temporary file beside `path` that holds the text. The caller renames or removes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8", newline=""
    ) as stream:
        temporary = Path(stream.name)
        try:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
            temporary.chmod(0o644)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise OSError(error.errno, error.strerror, str(path)) from None
    return temporary

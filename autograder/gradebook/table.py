"""grades.csv: a row per submission, a column per question."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence

from autograder.grade import Grade, Student, Verdict
from autograder.text import one_line, points

STUDENT = ("student", "name", "late", "platform", "platform id")


def grades_csv(
    rows: Sequence[tuple[str, Grade | str]],
    questions: Sequence[str],
    students: Mapping[str, Student] | None = None,
) -> str:
    """Scores and verdicts by submission; one that could not be read has its reason in `problem`.

    `students` are those of submissions without a grade.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    verdicts = [f"{question} verdict" for question in questions]
    writer.writerow(["submission", "score", "max_score", *questions, *verdicts, "problem", *STUDENT])
    for name, grade in sorted(rows, key=lambda row: row[0]):
        student = grade.student if isinstance(grade, Grade) else (students or {}).get(name)
        writer.writerow([*_row(name, grade, questions), *_who(student)])
    return text.getvalue()


def _row(name: str, grade: Grade | str, questions: Sequence[str]) -> list[str]:
    if isinstance(grade, str):
        return [cell(name), "", "", *[""] * (2 * len(questions)), cell(grade)]
    results = [grade.question(question) for question in questions]
    ungraded = Verdict.UNGRADED
    scores = ["" if result.verdict is ungraded else points(result.score) for result in results]
    verdicts = [str(result.verdict) for result in results]
    return [cell(name), points(grade.score), points(grade.max_score), *scores, *verdicts, ""]


def _who(student: Student | None) -> list[str]:
    """The columns of `STUDENT`, as far as the platform's download or a roster has them."""
    if student is None:
        return [""] * len(STUDENT)
    late = "late" if student.late else ""
    return [cell(student.id), cell(student.name), late, student.platform, cell(student.platform_id)]


def student_of(row: Mapping[str, str | None]) -> Student | None:
    """The student that a row of the table names, without the members of a group; None where it names none."""
    told = [unmarked(row.get(column) or "") for column in STUDENT]
    if not any(told):
        return None
    own, name, late, platform, platform_id = told
    return Student(id=own, name=name, late=late == "late", platform=platform, platform_id=platform_id)


def cell(text: str) -> str:
    """Text in one line that a spreadsheet takes as text, not as a formula."""
    return no_formula(one_line(text))


def no_formula(text: str) -> str:
    """Text with a mark before it where a spreadsheet would take it as a formula."""
    return f"'{text}" if _would_run(text) else text


def unmarked(text: str) -> str:
    """What `no_formula` was given."""
    return text[1:] if text.startswith("'") and _would_run(text[1:]) else text


def _would_run(text: str) -> bool:
    return unicodedata.normalize("NFKC", text.lstrip())[:1] in tuple("=+-@|%")

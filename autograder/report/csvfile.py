"""grades.csv: a row per submission, a column per question."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence

from autograder.grade import Grade, Verdict
from autograder.report.text import one_line, points

STUDENT = ("student", "name", "late")


def grades_csv(rows: Sequence[tuple[str, Grade | str]], questions: Sequence[str]) -> str:
    """Scores and verdicts by submission; one that could not be read has its reason in `problem`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    verdicts = [f"{question} verdict" for question in questions]
    writer.writerow(["submission", "score", "max_score", *questions, *verdicts, "problem", *STUDENT])
    for name, grade in sorted(rows, key=lambda row: row[0]):
        writer.writerow(_row(name, grade, questions))
    return text.getvalue()


def _row(name: str, grade: Grade | str, questions: Sequence[str]) -> list[str]:
    if isinstance(grade, str):
        return [_cell(name), "", "", *[""] * (2 * len(questions)), _cell(grade), *[""] * len(STUDENT)]
    results = [grade.question(question) for question in questions]
    ungraded = Verdict.UNGRADED
    scores = ["" if result.verdict is ungraded else points(result.score) for result in results]
    verdicts = [str(result.verdict) for result in results]
    return [_cell(name), points(grade.score), points(grade.max_score), *scores, *verdicts, "", *_who(grade)]


def _who(grade: Grade) -> list[str]:
    """The columns of `STUDENT`, as far as the platform's download or a roster told."""
    if grade.student is None:
        return [""] * len(STUDENT)
    return [_cell(grade.student.id), _cell(grade.student.name), "late" if grade.student.late else ""]


def _cell(text: str) -> str:
    """Text that a spreadsheet takes as text, not as a formula."""
    text = one_line(text)
    first = unicodedata.normalize("NFKC", text)[:1]
    return f"'{text}" if first in tuple("=+-@|%") else text

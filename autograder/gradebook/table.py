"""grades.csv: a row per submission, a column per question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograder.grade import Grade, Student, Verdict
from autograder.tables import csv_text, inert, short, unmarked
from autograder.text import points

STUDENT = ("student", "name", "late", "platform", "platform id", "handed in as", "submitted")


def grades_csv(
    rows: Sequence[tuple[str, Grade | str]],
    questions: Sequence[str],
    students: Mapping[str, Student] | None = None,
) -> str:
    """Scores and verdicts by submission; one that could not be read has its reason in `problem`.

    `students` are those of submissions without a grade.
    """
    verdicts = [f"{question} verdict" for question in questions]
    table = [["submission", "score", "max_score", *questions, *verdicts, "problem", *STUDENT]]
    for name, grade in sorted(rows, key=lambda row: row[0]):
        student = grade.student if isinstance(grade, Grade) else (students or {}).get(name)
        try:
            row = [*_row(name, grade, questions), *_who(student)]
        except Exception as error:
            why = f"this row cannot be shown: {type(error).__name__}: {error}"
            row = [*_row(name, why, questions), *_who(None)]
        table.append(row)
    return csv_text(table)


def _row(name: str, grade: Grade | str, questions: Sequence[str]) -> list[str]:
    if isinstance(grade, str):
        return [short(name), "", "", *[""] * (2 * len(questions)), short(grade)]
    there = {question.id: question for question in grade.questions}
    results = [there.get(question) for question in questions]
    ungraded = Verdict.UNGRADED
    scores = ["" if it is None or it.verdict is ungraded else points(it.score) for it in results]
    verdicts = ["" if it is None else str(it.verdict) for it in results]
    return [short(name), points(grade.score), points(grade.max_score), *scores, *verdicts, ""]


def _who(student: Student | None) -> list[str]:
    """The columns of `STUDENT`, as far as the platform's download or a roster has them."""
    if student is None:
        return [""] * len(STUDENT)
    late = "late" if student.late else ""
    texts = (student.platform, student.platform_id, student.handed_in_as, student.submitted)
    return [short(student.id), short(student.name), late, *map(short, texts)]


def student_of(row: Mapping[str, str | None]) -> Student | None:
    """The student that a row of the table names, without the members of a group; None where it names none."""
    told = [unmarked(row.get(column) or "") for column in STUDENT]
    if not any(told):
        return None
    own, name, late, platform, platform_id, handle, submitted = told
    return Student(
        id=own,
        name=name,
        late=late == "late",
        platform=platform,
        platform_id=platform_id,
        handed_in_as=handle,
        submitted=submitted,
    )


def cell(text: str) -> str:
    """Text from outside as a table shows it."""
    return inert(short(text))

"""The class's totals in the columns that other systems use."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from autograder.grade import Grade, QuestionResult, Student, Verdict
from autograder.report.csvfile import cell
from autograder.report.files import Results
from autograder.report.text import points

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
GRADESCOPE = ("First Name", "Last Name", "SID", "Email", "Sections", "Total Score", "Max Points", "Status")
MORE = ("Submission ID", "Submission Time", "Lateness (H:M:S)")


def canvas_csv(results: Results, column: str) -> str:
    """The totals in the form that Canvas's gradebook imports: one assignment, called `column`.

    Canvas leaves a student's points alone where the cell is empty, as it is for who has no grade. It finds a
    student by its own number for them, which its download has, or else by the login.
    """
    highest = max((grade.max_score for grade in results.grades.values()), default=0)
    rows = [[*CANVAS, column], ["    Points Possible", "", "", "", "", points(highest)]]
    rows += [[*_in_canvas(_who(name, g)), "", points(g.score)] for name, g in _sorted(results)]
    rows += [[*_in_canvas(Student(id=name)), "", ""] for name in _without(results)]
    return _csv(rows)


def _who(name: str, grade: Grade) -> Student:
    """Whose grade it is, as far as the platform or a roster told; else the submission's name is the id."""
    return grade.student if grade.student is not None and grade.student.id else Student(id=name)


def _in_canvas(student: Student) -> list[str]:
    """Student, ID, SIS User ID, SIS Login ID. Canvas's own ids are numbers."""
    own, login = (student.id, "") if student.id.isdecimal() else ("", student.id)
    return [cell(student.name or student.id), own, "", cell(login)]


def gradescope_csv(results: Results) -> str:
    """The totals in the columns of Gradescope's own export of grades, which many scripts read."""
    questions = next((grade.questions for _, grade in _sorted(results)), ())
    titles = [f"{q.id}: {q.title} ({points(q.max_score)} pts)" for q in questions]
    rows = [[*GRADESCOPE, *MORE, *titles]]
    for name, grade in _sorted(results):
        scores = [points(grade.score), points(grade.max_score), "Graded", "", "", ""]
        found = {question.id: question for question in grade.questions}
        each = [_points(found.get(question.id)) for question in questions]
        rows.append([*_in_gradescope(_who(name, grade)), "", *scores, *each])
    empty = [""] * (len(MORE) + len(titles))
    missing = _without(results)
    rows += [[*_in_gradescope(Student(id=name)), "", "", "", "Missing", *empty] for name in missing]
    return _csv(rows)


def _in_gradescope(student: Student) -> list[str]:
    """First Name, Last Name, SID, Email."""
    first, _, last = (student.name or student.id).rpartition(" ")
    sid, email = ("", student.id) if "@" in student.id else (student.id, "")
    return [cell(first or last), cell(last if first else ""), cell(sid), cell(email)]


def _points(question: QuestionResult | None) -> str:
    return "" if question is None or question.verdict is Verdict.UNGRADED else points(question.score)


def _sorted(results: Results) -> list[tuple[str, Grade]]:
    return sorted(results.grades.items())


def _without(results: Results) -> list[str]:
    return sorted({*results.unreadable, *results.broken})


def _csv(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()

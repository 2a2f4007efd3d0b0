"""The class's totals in the columns that other systems use."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.grade import Grade, QuestionResult, Student, Verdict
from autograder.gradebook import Results
from autograder.tables import csv_text, short
from autograder.text import points

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
GRADESCOPE = ("First Name", "Last Name", "SID", "Email", "Sections", "Total Score", "Max Points", "Status")
MORE = ("Submission ID", "Submission Time", "Lateness (H:M:S)")


def canvas_csv(results: Results, column: str) -> str:
    """The totals in the form that Canvas's gradebook imports: one assignment, called `column`.

    Canvas leaves a student's points alone where the cell is empty, as it is for who has no grade. It finds a
    student by its own number for them, which its download has, or else by the institution's (SIS) number or
    the login. A group has a row for each member.
    """
    highest = max((grade.max_score for grade in results.grades.values()), default=0)
    rows = [[*CANVAS, short(column)], ["    Points Possible", "", "", "", "", points(highest)]]
    for name, grade in _sorted(results):
        rows += [[*_in_canvas(one), "", points(grade.score)] for one in _who(name, grade.student)]
    for name in _without(results):
        rows += [[*_in_canvas(one), "", ""] for one in _who(name, results.students.get(name))]
    return csv_text(rows)


def _who(name: str, student: Student | None) -> Sequence[Student]:
    """Who handed in, as far as the platform or a roster has it; else the submission's name is the id."""
    if student is None or not student.id:
        return [Student(id=name)]
    return [one for member in student.members for one in _who(name, member)] or [student]


def _in_canvas(student: Student) -> list[str]:
    """Student, ID, SIS User ID, SIS Login ID. The first is Canvas's own number and no other."""
    number = student.platform_id if student.platform == "canvas" and student.platform_id.isdecimal() else ""
    other = student.id if student.id != number else ""
    sis, login = (other, "") if other.isdecimal() else ("", other)
    return [short(student.name or student.id), short(number), short(sis), short(login)]


def gradescope_csv(results: Results) -> str:
    """The totals in the columns of Gradescope's own export of grades, which many scripts read."""
    questions = next((grade.questions for _, grade in _sorted(results)), ())
    titles = [f"{q.id}: {q.title} ({points(q.max_score)} pts)" for q in questions]
    rows = [[*GRADESCOPE, *MORE, *titles]]
    for name, grade in _sorted(results):
        scores = [points(grade.score), points(grade.max_score), "Graded", "", "", ""]
        found = {question.id: question for question in grade.questions}
        each = [_points(found.get(question.id)) for question in questions]
        rows += [[*_in_gradescope(one), "", *scores, *each] for one in _who(name, grade.student)]
    empty = [""] * (len(MORE) + len(titles))
    for name in _without(results):
        people = _who(name, results.students.get(name))
        rows += [[*_in_gradescope(one), "", "", "", "Missing", *empty] for one in people]
    return csv_text(rows)


def _in_gradescope(student: Student) -> list[str]:
    """First Name, Last Name, SID, Email: those of Gradescope's own download, whatever a roster says."""
    known = student.platform_id if student.platform == "gradescope" else ""
    own = known or student.id
    first, _, last = (student.name or student.id).rpartition(" ")
    sid, email = ("", own) if "@" in own else (own, "")
    return [short(first or last), short(last if first else ""), short(sid), short(email)]


def _points(question: QuestionResult | None) -> str:
    return "" if question is None or question.verdict is Verdict.UNGRADED else points(question.score)


def _sorted(results: Results) -> list[tuple[str, Grade]]:
    return sorted(results.grades.items())


def _without(results: Results) -> list[str]:
    return sorted({*results.unreadable, *results.broken})

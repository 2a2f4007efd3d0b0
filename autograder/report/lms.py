"""The class's totals in the columns that other systems use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from autograder.errors import ConvlabError
from autograder.grade import QuestionResult, Student, Verdict
from autograder.gradebook import Results
from autograder.report.people import counted_once, members
from autograder.tables import csv_text, short
from autograder.text import cut, one_line, points

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
GRADESCOPE = ("First Name", "Last Name", "SID", "Email", "Sections", "Total Score", "Max Points", "Status")
MORE = ("Submission ID", "Submission Time", "Lateness (H:M:S)")


Rows = Callable[[str], list[list[str]]]
"""Makes the rows of one submission."""


def canvas_csv(results: Results, column: str, faults: dict[str, str] | None = None) -> str:
    """The totals in the form that Canvas's gradebook imports: one assignment, called `column`.

    Canvas leaves a student's points alone where the cell is empty, as it is for who has no grade. It finds a
    student by its own number for them, which its download has, or else by the institution's (SIS) number or
    the login. A group has a row for each member. `faults` takes up whose row could not be made, and why.
    """
    highest = max((grade.max_score for grade in results.grades.values()), default=0)
    rows = [[*CANVAS, short(column)], ["    Points Possible", "", "", "", "", points(highest)]]
    numbers = _numbers(results)

    def graded(name: str) -> list[list[str]]:
        grade = results.grades[name]
        return [[*_in_canvas(one, numbers), "", points(grade.score)] for one in members(name, grade.student)]

    def without(name: str) -> list[list[str]]:
        return [[*_in_canvas(one, numbers), "", ""] for one in members(name, results.students.get(name))]

    rows += _each(sorted(results.grades), graded, len(rows[0]), faults)
    rows += _each(counted_once(results), without, len(rows[0]), faults)
    return csv_text(rows)


def _each(names: Sequence[str], make: Rows, width: int, faults: dict[str, str] | None) -> Iterator[list[str]]:
    """The rows of each submission; of one for which none can be made, a row that says so and has no points.

    Args:
        names: the submissions.
        make: makes the rows of one.
        width: cells of a row.
        faults: takes up what went wrong, by submission.
    """
    for name in names:
        try:
            yield from make(name)
        except ConvlabError:
            raise
        except Exception as error:
            why = f"{one_line(name)}: cannot be shown: {type(error).__name__}: {cut(str(error), 200)}"
            if faults is not None:
                faults[name] = why
            yield [short(why), *[""] * (width - 1)]


def _numbers(results: Results) -> dict[str, str]:
    """Canvas's own numbers by student's id, from all hand-ins: the one that counts may have come by mail."""
    known = [*results.students.items()]
    known += [(name, g.student) for name, g in {**results.grades, **results.aside}.items() if g.student]
    found: dict[str, set[str]] = {}
    for name, student in known:
        for one in members(name, student):
            if one.id and (number := _number(one)):
                found.setdefault(one.id, set()).add(number)
    return {own: next(iter(numbers)) for own, numbers in found.items() if len(numbers) == 1}


def _number(student: Student) -> str:
    """Canvas's own number for a student; "" where their hand-in did not come from there."""
    return student.platform_id if student.platform == "canvas" and student.platform_id.isdecimal() else ""


def _in_canvas(student: Student, numbers: Mapping[str, str]) -> list[str]:
    """Student, ID, SIS User ID, SIS Login ID. The second is Canvas's own number and no other."""
    number = _number(student) or numbers.get(student.id, "")
    other = student.id if student.id != number else ""
    sis, login = (other, "") if other.isdecimal() else ("", other)
    return [short(student.name or student.id), short(number), short(sis), short(login)]


def gradescope_csv(results: Results, faults: dict[str, str] | None = None) -> str:
    """The totals in the columns of Gradescope's own export of grades, which many scripts read.

    `faults` takes up whose row could not be made, and why.
    """
    questions = next((grade.questions for _, grade in sorted(results.grades.items())), ())
    titles = [f"{q.id}: {q.title} ({points(q.max_score)} pts)" for q in questions]
    rows = [[*GRADESCOPE, *MORE, *titles]]

    def graded(name: str) -> list[list[str]]:
        grade = results.grades[name]
        scores = [points(grade.score), points(grade.max_score), "Graded", "", "", ""]
        found = {question.id: question for question in grade.questions}
        each = [_points(found.get(question.id)) for question in questions]
        return [[*_in_gradescope(one), "", *scores, *each] for one in members(name, grade.student)]

    def without(name: str) -> list[list[str]]:
        empty = [""] * (len(MORE) + len(titles))
        people = members(name, results.students.get(name))
        return [[*_in_gradescope(one), "", "", "", "Missing", *empty] for one in people]

    rows += _each(sorted(results.grades), graded, len(rows[0]), faults)
    rows += _each(counted_once(results), without, len(rows[0]), faults)
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

"""Grades as they count: what the checks came to, with the latest valid marks put into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.grade import Adjustment, Grade, Marked, QuestionResult, Student, Verdict, total
from autograder.gradebook.marks import QUESTIONS, Ledger, slot_of
from autograder.lab import LateRule
from autograder.text import points


@dataclass(frozen=True)
class Rules:
    """What the lab's settings say about whole submissions: lateness, and which of several hand-ins counts."""

    late: LateRule | None = None
    hand_ins: str = "each"


def derived(grade: Grade, ledger: Ledger, rules: Rules) -> Grade:
    """A grade with the marks that are valid for it, and with none that is not there."""
    machine = grade.machine
    questions = [_question(machine, question, ledger) for question in machine.questions]
    adjustments = list(_adjustments(machine, questions, ledger, rules))
    withdrawn = ledger.fact("withdrawn", *names(grade))
    told = f"withdrawn: {withdrawn.comment}" if withdrawn is not None else ""
    return machine.with_results(questions, adjustments).model_copy(update={"aside": told})


def names(grade: Grade) -> tuple[str, str]:
    """What marks about a whole submission may call it: its own name, or its student's id."""
    return grade.submission, grade.student.id if grade.student is not None else ""


def _question(grade: Grade, question: QuestionResult, ledger: Ledger) -> QuestionResult:
    slot = slot_of(grade, question)
    mark = ledger.head(slot)
    if mark is None or mark.points is None:
        return question.model_copy(update={"again": True}) if ledger.again(slot) else question
    marked = Marked(id=mark.id, who=mark.who, at=mark.at, items=mark.items, machine=question.checked)
    return question.graded(mark.points, mark.comment, marked)


def _adjustments(
    grade: Grade, questions: Sequence[QuestionResult], ledger: Ledger, rules: Rules
) -> Iterator[Adjustment]:
    earned = total(q.score for q in questions if q.verdict is not Verdict.UNGRADED)
    late = ledger.fact("late", *names(grade))
    days = late.points if late is not None and late.points is not None else days_late(grade, rules) or 0.0
    if rules.late is not None and days:
        extension = ledger.fact("extension", *names(grade))
        granted = (extension.points or 0.0) if extension is not None else 0.0
        lost = total([earned * (rules.late.kept(days, granted) - 1)])
        if lost:
            yield Adjustment(
                kind="late",
                points=lost,
                reason=_lateness(days, granted, rules.late),
                who=late.who if late is not None else "",
                at=late.at if late is not None else "",
            )
    bonus = ledger.fact("bonus", grade.submission)
    if bonus is not None and bonus.points:
        yield Adjustment(kind="bonus", points=bonus.points, reason=bonus.comment, who=bonus.who, at=bonus.at)


def lapsed(grade: Grade, ledger: Ledger) -> dict[str, str]:
    """Why marks of a grade's questions no longer count, by question."""
    machine = grade.machine
    found = {q.id: ledger.why_again(slot_of(machine, q), q.written) for q in machine.questions}
    return {question: why for question, why in found.items() if why}


def lapsed_without_a_grade(name: str, ledger: Ledger) -> dict[str, str]:
    """The questions whose marks count nowhere since the hand-in that is there now has no grade, and why."""
    return {slot[2]: NO_GRADE for slot in ledger.slots_of(name) if slot[0] == QUESTIONS}


NO_GRADE = "what is handed in now has no grade"


def days_late(grade: Grade, rules: Rules) -> float | None:
    """How many days late a submission was, by the platform and the deadline; None where that is open."""
    student = grade.student
    if student is None:
        return None
    if student.platform == "canvas" and not student.late:
        return 0.0  # it says so of each that is
    days = student.late_days or (rules.late.days(student.submitted) if rules.late is not None else None)
    return None if student.late and not days else days


def open_lateness(grade: Grade, ledger: Ledger, rules: Rules) -> str:
    """Why a person has to say how late a submission was; "" where that is known, or costs nothing."""
    if rules.late is None or ledger.fact("late", *names(grade)) is not None:
        return ""
    if days_late(grade, rules) is not None:
        return ""
    if grade.student is not None and grade.student.late:
        return LATE_BY_WHAT
    return WHEN if rules.late.due is not None else ""


LATE_BY_WHAT = "late, but by how much is not known"
WHEN = "when it was handed in is not known"


def _lateness(days: float, granted: float, rule: LateRule) -> str:
    free = [f"{points(rule.free_days)} free"] if rule.free_days else []
    extended = [f"{points(granted)} of extension"] if granted else []
    less = f", {' and '.join(free + extended)}" if free or extended else ""
    percent = points(100 * (1 - rule.kept(days, granted)))
    return f"{points(round(days, 2))} days late{less}: {percent} per cent less"


def set_aside(grades: Mapping[str, Grade], ledger: Ledger, rules: Rules) -> dict[str, Grade]:
    """The grades with a reason where another hand-in of the same student counts.

    Where a person chose, that one; else the best or the last by the rule. Which is last is the platform's to
    say: where it does not, all count, until a person chooses.
    """
    platforms = {grade.student.platform for grade in grades.values() if grade.student is not None}
    mixed = len(platforms - {""}) > 1
    of_student: dict[tuple[str, str], list[str]] = {}
    for name, grade in grades.items():
        if grade.student is not None and grade.student.id and not grade.aside:
            of_student.setdefault(_own(grade.student, mixed), []).append(name)
    found = dict(grades)
    for theirs in of_student.values():
        if len(theirs) > 1 and (one := _counting(theirs, grades, ledger, rules)) is not None:
            for name in theirs:
                if name != one:
                    found[name] = grades[name].model_copy(update={"aside": f"another hand-in counts: {one}"})
    return found


def _own(student: Student, mixed: bool) -> tuple[str, str]:
    """What all hand-ins of a student have. Of `mixed` platforms, ids of two may be the same by chance."""
    alone = mixed and student.id == student.platform_id
    return (student.platform if alone else "", student.id)


def _counting(theirs: Sequence[str], grades: Mapping[str, Grade], ledger: Ledger, rules: Rules) -> str | None:
    """Which of a student's hand-ins counts; None where that is open, or each does."""
    chosen = [(mark.at, name) for name in theirs if (mark := ledger.fact("count", name)) is not None]
    if chosen:
        return max(chosen)[1]
    if rules.hand_ins == "best":
        return max(sorted(theirs), key=lambda name: grades[name].score)
    times = {name: _submitted(grades[name]) for name in theirs}
    if rules.hand_ins == "last" and all(times.values()) and len(set(times.values())) == len(theirs):
        return max(theirs, key=lambda name: times[name])
    return None


def _submitted(grade: Grade) -> str:
    return grade.student.submitted if grade.student is not None else ""

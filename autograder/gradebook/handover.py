"""Marks that go where grades are made again: into Gradescope's container, as `marks.json`.

Gradescope takes points from what the autograder writes. So the marks are put into the autograder's zip, and
every submission is run again there. A mark counts only for the very work that it was given for.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from autograder.grade import Adjustment, Grade, Marked, QuestionResult, Record, Verdict
from autograder.gradebook.marks import digest_of_answer

NAME = "marks.json"
MAX_MARKS = 64 << 20


class Points(Record):
    """What a person gave for a question, and a digest of the work that it was given for."""

    points: float = Field(ge=0)
    comment: str = ""
    work: str


class Given(Record):
    """What people gave for one submission."""

    questions: dict[str, Points] = Field(default_factory=dict)
    adjustments: tuple[Adjustment, ...] = ()


class HandedOver(Record):
    """Everyone's marks, by what Gradescope's export calls their submissions: `submission_` and a number."""

    schema_: Literal["convlab.marks/1"] = Field(default="convlab.marks/1", alias="schema")
    assignment: str
    submissions: dict[str, Given] = Field(default_factory=dict)

    model_config = Record.model_config | {"populate_by_name": True}


def handed_over(grade: Grade) -> Given:
    """What people gave for one submission."""
    questions = {
        question.id: Points(
            points=question.score, comment=question.comment, work=digest_of_answer(grade, question)
        )
        for question in grade.questions
        if question.verdict is Verdict.GRADED
    }
    return Given(questions=questions, adjustments=grade.adjustments)


def with_marks(grade: Grade, given: Given) -> Grade:
    """A grade that was made again, with the marks for the same work."""
    questions = [_marked(grade, question, given) for question in grade.questions]
    return grade.with_results(questions, given.adjustments)


def _marked(grade: Grade, question: QuestionResult, given: Given) -> QuestionResult:
    mark = given.questions.get(question.id)
    if mark is None or mark.points > question.max_score:
        return question
    known = {digest_of_answer(grade, question)} | (set() if question.written else {grade.work})
    if mark.work not in known:  # an earlier convlab's marks of code are for all of the work
        return question
    return question.graded(mark.points, mark.comment, Marked(id=NAME, machine=question.checked))

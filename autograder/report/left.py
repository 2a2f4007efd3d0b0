"""What is left to mark: counted in one way, wherever it is said. Needs no package that pages need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from autograder.grade import QuestionResult, Verdict
from autograder.lab import Lab
from autograder.submission import SubmissionError, open_submission


def to_mark(questions: Iterable[QuestionResult], blank: Mapping[str, str]) -> tuple[int, int]:
    """How many written answers have no points yet, and how many of those are empty, or as they were given."""
    left = [question for question in questions if question.verdict is Verdict.UNGRADED]
    return len(left), sum(question.answer.strip() in ("", blank.get(question.id, "")) for question in left)


def some_empty(empty: int) -> str:
    """That of the answers just counted so many are empty; "" where none is."""
    return f", {empty} of them empty" if empty else ""


def placeholders(lab: Lab) -> dict[str, str]:
    """What is in the answer cells that students get."""
    try:
        given = open_submission(lab.student, lab)
    except SubmissionError:
        return {}
    return {name: text.strip() for name, text in given.answers.items()}

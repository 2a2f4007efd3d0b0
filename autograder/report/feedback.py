"""feedback.html: one student's grade, to hand back. It holds nothing that is meant for staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from autograder.grade import CheckResult, Comparison, Grade, QuestionResult, Training, Verdict
from autograder.lab import Lab
from autograder.report.figures import GOOD, VAST, curve, heat_map
from autograder.report.html import page


@dataclass(frozen=True)
class Shown:
    """A question as its student sees it: the checks that may be shown, and how many may not."""

    result: QuestionResult
    checks: tuple[CheckResult, ...]
    kept_back: int
    training: bool


def feedback_page(grade: Grade, lab: Lab) -> str:
    """The page for one student, as it may be handed back once grades are published.

    Of a check it shows title, verdict, points and message, never the detail; of one that is `hidden` nothing.
    """
    trained = {question.id for question in lab.questions if question.training}
    questions = [_shown(question, question.id in trained) for question in grade.questions]
    return page(
        "feedback.html.jinja",
        grade=grade,
        title=lab.title if grade.assignment == lab.name else grade.assignment,
        questions=questions,
        open_points=sum(q.max_score for q in grade.questions if q.verdict is Verdict.UNGRADED),
        not_run=[q.id for q in grade.questions if q.verdict is Verdict.NOT_RUN],
        curves=_curves(grade.training),
        pictures=_pictures(questions),
    )


def _shown(question: QuestionResult, training: bool) -> Shown:
    checks = tuple(check for check in question.checks if check.visibility != "hidden")
    return Shown(question, checks, len(question.checks) - len(checks), training)


def _pictures(questions: Sequence[Shown]) -> dict[str, list[Markup]]:
    """By `question/check` what was expected, what came, and the difference."""
    return {
        f"{question.result.id}/{check.name}": _compared(
            f"{question.result.id}-{check.name}", check.comparison
        )
        for question in questions
        for check in question.checks
        if check.comparison is not None
    }


def _compared(name: str, pair: Comparison) -> list[Markup]:
    rows = zip(pair.got, pair.expected, strict=True)
    off = [[mine - wanted for mine, wanted in zip(*both, strict=True)] for both in rows]
    values = [value for row in (*pair.expected, *pair.got) for value in row if abs(value) <= VAST]
    limits = min(values, default=0.0), max(values, default=1.0)
    most = max((abs(value) for row in off for value in row if abs(value) <= VAST), default=1.0) or 1.0
    return [
        heat_map(f"{name}-expected", "expected", pair.expected, limits, "viridis"),
        heat_map(f"{name}-got", "got", pair.got, limits, "viridis"),
        heat_map(f"{name}-difference", "got - expected", off, (-most, most), "coolwarm"),
    ]


def _curves(training: Training | None) -> list[Markup]:
    if training is None or not training.losses:
        return []
    losses = curve("loss", "Training loss", training.losses)
    return [losses, curve("accuracy", "Training accuracy", training.accuracies, GOOD)]

"""feedback.html: one student's grade, to hand back. It holds nothing that is meant for staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from autograder.grade import CheckResult, Comparison, Grade, QuestionResult, Training, Verdict
from autograder.lab import Lab
from autograder.report.figures import GOOD, VAST, curve, heat_map
from autograder.report.html import page
from autograder.report.people import called
from autograder.text import KNOWN_MISTAKE

FIRST = 4
"""How many questions the page begins with: those that cost the most points."""


@dataclass(frozen=True)
class Shown:
    """A question as its student sees it: the checks that may be shown, and how many may not."""

    result: QuestionResult
    checks: tuple[CheckResult, ...]
    kept_back: int
    training: bool

    @property
    def lost(self) -> float:
        """The points that its checks took; 0 for what did not run or what people grade."""
        open_or_written = self.result.written or self.result.verdict is Verdict.NOT_RUN
        return 0.0 if open_or_written else self.result.max_score - self.result.score

    @property
    def folded(self) -> bool:
        """Whether there is nothing to do about it: every check passed."""
        return self.result.verdict is Verdict.PASSED

    @property
    def advice(self) -> str:
        """What helps most, in a sentence or two: a known mistake, else what the first failed check says."""
        failed = [check for check in self.checks if check.verdict is not Verdict.PASSED and check.message]
        lines = [line for check in failed for line in check.message.splitlines()]
        known = [line for line in lines if line.startswith(KNOWN_MISTAKE)]
        return (known or lines or [""])[0]


def feedback_page(grade: Grade, lab: Lab) -> str:
    """The page for one student, as it may be handed back once grades are published.

    Of a check it shows title, verdict, points and message, never the detail; of one that is `hidden` nothing.
    """
    trained = {question.id for question in lab.questions if question.training}
    questions = [_shown(question, question.id in trained) for question in grade.questions]
    return page(
        "feedback.html.jinja",
        grade=grade,
        who=called(grade.submission, grade.student),
        title=lab.title if grade.assignment == lab.name else grade.assignment,
        questions=questions,
        first=sorted((q for q in questions if q.lost), key=lambda q: -q.lost)[:FIRST],
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

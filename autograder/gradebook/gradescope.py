"""Gradescope's `results.json`: one entry per check, and one per question that has none to show.

Format: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from autograder.grade import Adjustment, CheckResult, Grade, QuestionResult, Training, Verdict, Visibility
from autograder.text import cut, fenced, measured, plain, points

MAX_OUTPUT = 8_000


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Test(_Part):
    """One row on Gradescope's page."""

    name: str
    number: str
    score: float | None = None
    max_score: float | None = None
    status: Literal["passed", "failed"] | None = None
    output: str = ""
    output_format: Literal["md"] = "md"
    visibility: Visibility = "visible"
    tags: tuple[str, ...] = ()


class Leader(_Part):
    """One column of the leaderboard."""

    name: str
    value: float
    order: Literal["asc", "desc"] = "desc"


class ResultsJson(_Part):
    """The whole of `results.json`. It tells no time: by it student code could say what it was given."""

    score: float
    output: str
    output_format: Literal["md"] = "md"
    visibility: Visibility = "visible"
    stdout_visibility: Visibility = "hidden"
    tests: tuple[Test, ...]
    leaderboard: tuple[Leader, ...] = ()
    extra_data: dict[str, str] = {}


def results(grade: Grade) -> str:
    """A grade as the text of Gradescope's `results.json`."""
    model = ResultsJson(
        score=grade.score,
        output=_summary(grade),
        tests=(
            *(test for question in grade.questions for test in _tests(question)),
            *(_adjusted(adjustment) for adjustment in grade.adjustments),
        ),
        leaderboard=_leaderboard(grade.training),
        extra_data={
            "digest": grade.digest,
            "schema": grade.schema_,
            **(grade.release.model_dump() if grade.release else {}),
        },
    )
    return model.model_dump_json(indent=2, exclude_none=True) + "\n"


def _summary(grade: Grade) -> str:
    run = [check for q in grade.questions for check in q.checks if check.verdict is not Verdict.NOT_RUN]
    public = [check for check in run if check.visibility == "visible"]
    passed = sum(check.verdict is Verdict.PASSED for check in public)
    lines = [f"Public checks passed: {passed} of {len(public)}. Hidden checks are scored too."]
    if grade.training:
        lines.append(_trained(grade.training))
    lines += [f"Note: {plain(note)}" for note in grade.notes]
    not_run = [q.id for q in grade.questions if q.verdict is Verdict.NOT_RUN]
    if not_run:
        lines.append(f"Not run here: {', '.join(not_run)}. Their points still count towards the maximum.")
    return "\n\n".join(lines)


def _trained(training: Training) -> str:
    losses = " → ".join(measured(loss) for loss in training.losses)
    return (
        f"Trained on {training.device}, {training.epochs} epochs of the {training.data} data: loss {losses}; "
        f"test accuracy {measured(training.accuracy)}, "
        f"with averaged weights {measured(training.averaged_accuracy)} "
        f"({training.threshold:g} needed)."
    )


def _tests(question: QuestionResult) -> list[Test]:
    rows = [_test(f"{question.id}.{n}", question, check) for n, check in enumerate(question.checks, start=1)]
    if question.written:
        rows.append(_written(question))
    elif question.overridden:
        plain_rows = [row.model_copy(update={"score": None, "max_score": None}) for row in rows]
        rows = [_overridden(question), *plain_rows]
    elif rows and question.output.strip():
        rows[0] = rows[0].model_copy(update={"output": f"{rows[0].output}{_printed(question)}"})
    return rows


def _written(question: QuestionResult) -> Test:
    name = f"{question.id} {question.title}"
    if question.verdict is Verdict.UNGRADED:
        return Test(name=name, number=question.id, output="A person reads and grades this answer.")
    return Test(
        name=name,
        number=question.id,
        score=question.score,
        max_score=question.max_score,
        output="\n\n".join(plain(line) for line in question.comment.splitlines()) or "graded",
        tags=(question.id,),
    )


def _overridden(question: QuestionResult) -> Test:
    """Points that a person gave in place of the checks', which stay below without points."""
    machine = question.marked.machine if question.marked is not None else None
    checks = points(machine.score) if machine is not None else "0"
    reason = "\n\n".join(plain(line) for line in question.comment.splitlines())
    return Test(
        name=f"{question.id} {question.title}",
        number=question.id,
        score=question.score,
        max_score=question.max_score,
        output=f"A person gave these points instead of the checks' {checks}.\n\n{reason}",
        tags=(question.id,),
    )


def _adjusted(adjustment: Adjustment) -> Test:
    """Points for or against the submission as a whole."""
    name = "Late" if adjustment.kind == "late" else "Bonus" if adjustment.points >= 0 else "Deduction"
    return Test(name=name, number="", score=adjustment.points, output=plain(adjustment.reason))


def _printed(question: QuestionResult) -> str:
    return f"\n\nYour code printed:\n\n{fenced(cut(question.output, MAX_OUTPUT))}"


def _test(number: str, question: QuestionResult, check: CheckResult) -> Test:
    passed = check.verdict is Verdict.PASSED
    message = f"**{check.verdict}**" if not passed else "passed"
    if check.message:
        message += f"\n\n{fenced(cut(check.message, MAX_OUTPUT))}"
    return Test(
        name=f"{question.id} {question.title}: {check.title}",
        number=number,
        score=check.score,
        max_score=check.max_score,
        status="passed" if passed else "failed",
        output=message,
        visibility=check.visibility,
        tags=(question.id,),
    )


def _leaderboard(training: Training | None) -> tuple[Leader, ...]:
    if training is None:
        return ()
    return (Leader(name="Test accuracy", value=round(training.accuracy, 4)),)

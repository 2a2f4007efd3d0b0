"""Grades made up of a few questions and checks."""

from __future__ import annotations

from typing import Any

from autograder.grade import (
    CheckResult,
    Environment,
    Grade,
    QuestionResult,
    Verdict,
    worst,
)


def check(name: str, verdict: Verdict, points: float, **more: Any) -> CheckResult:
    score = points if verdict is Verdict.PASSED else 0
    fields = {"title": name, "visibility": "visible", "seconds": 0.25, **more}
    return CheckResult(name=name, verdict=verdict, score=score, max_score=points, **fields)


def question(question_id: str, *checks: CheckResult, **more: Any) -> QuestionResult:
    fields = {
        "title": f"Title of {question_id}",
        "score": sum(check.score for check in checks),
        "max_score": sum(check.max_score for check in checks),
        "verdict": worst(check.verdict for check in checks),
        **more,
    }
    return QuestionResult(id=question_id, checks=checks, **fields)


def grade(*questions: QuestionResult, **more: Any) -> Grade:
    graded = [q for q in questions if q.verdict is not Verdict.UNGRADED]
    fields = {
        "assignment": "lab06",
        "submission": "ann",
        "score": sum(q.score for q in graded),
        "max_score": sum(q.max_score for q in graded),
        "environment": Environment(device="cpu", isolation=("seccomp",), versions={"torch": "2"}, seed=1),
        "digest": "0" * 64,
        "seconds": 12.6,
        **more,
    }
    return Grade(questions=questions, **fields)

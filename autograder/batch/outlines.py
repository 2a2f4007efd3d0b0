"""What a run keeps of each grade: a class's grades as a whole would fill the memory."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

from autograder.grade import Environment, Grade, QuestionResult
from autograder.report.left import unread
from autograder.submission import NOT_READ

Shared = TypeVar("Shared", Environment, QuestionResult, tuple[QuestionResult, ...])
ANSWERED = "..."
"""Stands for any answer."""


class Outlines:
    """Makes of grades what the tables of a run need; what is the same in two grades is there once.

    Scores, verdicts, whether there is an answer or none could be read, the isolation and the student stay;
    checks and texts go.
    """

    def __init__(self, blank: Mapping[str, str] | None = None) -> None:
        """`blank`: what is in the answer cells that students get, which is no answer."""
        self._there: dict[Hashable, object] = {}
        self._blank = blank or {}

    def of(self, result: Grade | str) -> Grade | str:
        """The outline of a grade; a reason why there is none as it is."""
        if not isinstance(result, Grade):
            return result
        questions = tuple(self._question(question) for question in result.questions)
        less = {
            "questions": self._once(tuple(map(id, questions)), questions),
            "environment": self._environment(result.environment),
            "notes": (NOT_READ,) if unread(result) else (),
            **{"training": None, "work": "", "code": "", "digest": ""},
        }
        return result.model_copy(update=less)

    def _question(self, question: QuestionResult) -> QuestionResult:
        text = question.answer.strip()
        answer = ANSWERED if text not in ("", self._blank.get(question.id, "")) else ""
        key = (question.id, question.score, question.max_score, question.verdict, answer, question.again)
        less = {"checks": (), "output": "", "answer": answer, "shortcuts": (), "comment": "", "marked": None}
        return self._once(key, question.model_copy(update={**less, "digest": ""}))

    def _environment(self, environment: Environment) -> Environment:
        key = (environment.isolation, tuple(environment.missing.items()))
        return self._once(key, environment)

    def _once(self, key: Hashable, made: Shared) -> Shared:
        """What was made for that key at first. A key of objects' ids holds: these objects are kept."""
        return self._there.setdefault(key, made)  # type: ignore[return-value]

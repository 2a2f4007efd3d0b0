"""Graders that run nothing, and what they leave behind."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from harness import lab
from made_up_grades import grade, question

from autograder.batch import collect, grade_all
from autograder.grade import Grade, QuestionResult, Verdict, digest_of
from autograder.grading import Grader, Options
from autograder.submission import Submission


class Quick(Grader):
    """Grades everything with 0, without running it."""

    def grade(self, submission: Submission, questions: Collection[str] | None = None) -> Grade:
        self.asked = [*getattr(self, "asked", []), submission.id]
        rows = (
            question(q.id, max_score=q.points, digest="" if q.written else self.digest(submission, q))
            for q in self.lab.questions
        )
        return grade(
            *rows,
            submission=submission.id,
            work=submission.digest,
            code=submission.code,
            notes=submission.notes,
            digest=submission.digest,
        )


def grade_quickly(out: Path, *paths: Path) -> dict[str, Grade | str]:
    run = grade_all(collect(paths, lab(), out), Quick(lab()), out)
    return {done.item.id: done.result for done in run}


class Scripted(Quick):
    """Gives every question that is asked for full marks, at once, and notes for whom."""

    def __init__(self, options: Options | None = None) -> None:
        super().__init__(lab(), options or Options())
        self.asked: list[str] = []

    def grade(self, submission: Submission, questions: Collection[str] | None = None) -> Grade:
        chosen = self.selection if questions is None else questions
        plain = super().grade(submission)
        results = tuple(self._scored(result, result.id in chosen) for result in plain.questions)
        digest = digest_of(submission.digest, [result.digest for result in results])
        return grade(
            *results,
            submission=submission.id,
            work=submission.digest,
            code=submission.code,
            notes=submission.notes,
            digest=digest,
        )

    def _scored(self, result: QuestionResult, ran: bool) -> QuestionResult:
        if self.lab.question(result.id).written:
            return question(result.id, max_score=result.max_score, verdict=Verdict.UNGRADED)
        if not ran:
            return question(result.id, max_score=result.max_score)
        return result.model_copy(update={"score": result.max_score, "verdict": Verdict.PASSED})


def written(out: Path) -> dict[str, Grade]:
    found = sorted(out.glob("*/grade.json"))
    return {path.parent.name: Grade.model_validate_json(path.read_text()) for path in found}

"""What of an earlier grade is still valid, and how a later run's questions are put into it."""

from __future__ import annotations

from collections.abc import Collection

from autograder.grade import Grade, Verdict, digest_of, total
from autograder.grading import Grader
from autograder.lab import Lab
from autograder.submission import Submission


def needed(earlier: Grade | None, submission: Submission, grader: Grader) -> frozenset[str] | None:
    """The selected questions that have no result by the digest they would get now; None when no grade is."""
    if not stands(earlier, submission) or earlier is None:
        return None
    known = {question.id: question.digest for question in earlier.questions}
    if list(known) != [question.id for question in grader.lab.questions]:
        return None
    return frozenset(
        name
        for name in grader.selection
        if known[name] != grader.digest(submission, grader.lab.question(name))
    )


def stands(earlier: Grade | None, submission: Submission) -> bool:
    """Whether an earlier grade is of the very same work."""
    return earlier is not None and earlier.work == submission.digest


def merged(earlier: Grade | None, later: Grade, ran: Collection[str], lab: Lab) -> Grade:
    """The later grade, with the earlier one's results of the same work where the later run has none.

    People's marks are in neither: the gradebook puts them in.
    """
    if earlier is None or earlier.work != later.work:
        return later
    earlier = earlier.machine
    known = {question.id: question for question in earlier.questions}
    questions = tuple(
        question if question.id in ran else known.get(question.id, question) for question in later.questions
    )
    trained = any(question.training and question.id in ran for question in lab.questions)
    graded = [question for question in questions if question.verdict is not Verdict.UNGRADED]
    return later.model_copy(
        update={
            "questions": questions,
            "score": total(question.score for question in graded),
            "max_score": total(question.max_score for question in graded),
            "training": later.training if trained else earlier.training,
            "digest": digest_of(later.work, [question.digest for question in questions]),
        }
    )

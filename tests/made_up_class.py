"""Grades of a made-up class: what can happen to a submission, without running one."""

from __future__ import annotations

import random
from pathlib import Path

from harness import lab

from autograder.checking.catalog import catalog
from autograder.checking.check import Check
from autograder.grade import CheckResult, Environment, Grade, QuestionResult, Training, Verdict, worst

HOSTILE = "<script>alert(1)</script><img src=http://x.example/a.png onerror=alert(2)> & \u202e\x1b[31m"
DETAIL = "for staff alone: the hidden input was 4711"
MISTAKES = ("The kernel is turned by 180 degrees.", "The loss is divided by the batch size twice.")
ANSWER = r"""# My answer
The *Sobel* pair is a gradient, $G_x=(1,2,1)^T(-1,0,1)$, see [this](javascript:alert(3)) and <b>that</b>.

![a picture](http://x.example/b.png)

$$\frac{\partial\mathcal{L}}{\partial k_{kl}}=\sum_{i=1}^{r(\textbf{Y})} x_{i+k-1,j+l-1}$$
"""
WORDS = {
    Verdict.WRONG: "apply_convolution(img, kernel): element (0, 1) is 2.5, expected -1.0.",
    Verdict.ERROR: "TypeError: unsupported operand\nconvolution.py, line 12, in apply_convolution: y += None",
    Verdict.TIMEOUT: "Used more than 10 s of CPU time",
    Verdict.MEMORY: "Used more than 512 MiB of memory",
    Verdict.CRASHED: "The program ended itself with status 1",
    Verdict.NOT_IMPLEMENTED: "Not implemented yet.",
}
KINDS = (Verdict.PASSED,) * 12 + (Verdict.WRONG,) * 4 + tuple(WORDS)


def a_check(check: Check, verdict: Verdict, pick: random.Random, **more: str) -> CheckResult:
    fields = {
        "name": check.name,
        "title": check.title,
        "verdict": verdict,
        "score": check.points if verdict is Verdict.PASSED else 0,
        "max_score": check.points,
        "visibility": "after_published" if check.hidden else "visible",
        "message": WORDS.get(verdict, ""),
        "detail": "" if verdict is Verdict.PASSED else DETAIL,
        "misconception": pick.choice(("", *MISTAKES)) if verdict is Verdict.WRONG else "",
    }
    return CheckResult.model_validate({**fields, **more})


def a_grade(name: str, seed: int = 0, *, right: bool = False, answer: str = ANSWER) -> Grade:
    """The grade of one made-up submission; the same name and seed give the same."""
    questions, checks_of_all = [], catalog(lab())
    for asked in lab().questions:
        pick = random.Random(f"{seed}/{name}/{asked.id}")
        own = [check for check in checks_of_all if check.question == asked.id]
        kind = Verdict.PASSED if right else pick.choice(KINDS)
        checks = tuple(
            a_check(check, Verdict.PASSED if n == 0 and kind is Verdict.WRONG else kind, pick)
            for n, check in enumerate(own)
        )
        questions.append(
            QuestionResult(
                id=asked.id,
                title=asked.title,
                score=sum(check.score for check in checks),
                max_score=asked.points,
                verdict=Verdict.UNGRADED if asked.written else worst(check.verdict for check in checks),
                checks=checks,
                output=f"printed {HOSTILE}\n" if asked.id == "q2_2" else "",
                answer=answer if asked.written and asked.id != "q3_5" else "",
            )
        )
    pick = random.Random(f"{seed}/{name}")
    counted = [question for question in questions if question.verdict is not Verdict.UNGRADED]
    return Grade(
        assignment=lab().name,
        submission=name,
        score=sum(question.score for question in counted),
        max_score=sum(question.max_score for question in counted),
        questions=tuple(questions),
        environment=Environment(device="cpu", isolation=("seccomp",), versions={"torch": "2"}, seed=1),
        training=None if pick.random() < 0.1 else a_training(pick),
        notes=(f"The files were found in the folder lab {HOSTILE}.",) if pick.random() < 0.1 else (),
        digest="0" * 64,
        seconds=12.5,
    )


def a_training(pick: random.Random) -> Training:
    reached = min(0.99, pick.gauss(0.95, 0.03))
    return Training(
        device="cpu",
        seed=1,
        data="sample",
        epochs=3,
        batches=189,
        attempts=1,
        threshold=0.88,
        losses=(1.05, 0.26, 0.16),
        accuracies=(0.65, 0.91, reached),
        accuracy=reached - 0.01,
        averaged_accuracy=reached,
    )


def write(folder: Path, *grades: Grade) -> Path:
    """Write grades as `convlab grade` leaves them."""
    for grade in grades:
        (folder / grade.submission).mkdir(parents=True, exist_ok=True)
        (folder / grade.submission / "grade.json").write_text(grade.to_json(), encoding="utf-8")
    return folder


def write_class(folder: Path, count: int = 40) -> Path:
    """A class of made-up submissions."""
    names = [f"student {n:02} #{n % 7}" if n % 9 == 0 else f"student-{n:02}" for n in range(count)]
    return write(folder, *(a_grade(name, right=n % 4 == 0) for n, name in enumerate(names)))

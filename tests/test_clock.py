"""How long a submission may hold a grader: in each question, and in all, in however many workers."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest
from harness import lab, reference_sources

from autograder.grade import Grade
from autograder.grading import Grader, Options
from autograder.grading.sandboxed import Clock
from autograder.lab import Lab
from autograder.sandbox import ChildFailure
from autograder.submission import Submission

WALL = 2.0
OVERHEAD = 10.0
"""Seconds for all that is not the submission's: its workers' start, the reference, a busy machine."""
SLEEP = "\nimport time\ntime.sleep(600)\n"


def hurried(submission_seconds: float) -> Lab:
    """The lab with a wall budget that is soon used up."""
    limits = lab().limits.model_copy(update={"wall_seconds": WALL})
    return lab().model_copy(update={"limits": limits, "submission_seconds": submission_seconds})


@pytest.fixture
def grader(warm: Grader) -> Grader:
    """Its submissions may take no longer than three of its questions."""
    return Grader(hurried(3 * WALL), Options(training=False, device="cpu", diagnose=False), warm.warm)


def graded(grader: Grader, sources: Mapping[str, str]) -> tuple[Grade, float]:
    """The grade, and the seconds that it took."""
    started = time.monotonic()
    grade = grader.grade(Submission("someone", dict(sources)))
    return grade, time.monotonic() - started


@pytest.mark.slow
def test_one_that_fails_just_before_each_time_out_ends_in_time(grader: Grader) -> None:
    """Each function sleeps nearly as long as it may, and then fails, wherever it is tried again."""
    sources = {
        question.module: "import time\n"
        + "".join(
            f"def {name}(*args, **kwargs):\n    time.sleep({0.15 * WALL})\n    raise ValueError('late')\n"
            for q in lab().auto_graded
            if q.module == question.module
            for name in q.functions
        )
        for question in lab().auto_graded
    }
    grade, seconds = graded(grader, sources)
    assert seconds < 3 * WALL + OVERHEAD
    assert grade.score == 0
    told = grade.question("q3_4").checks[-1]
    assert str(told.verdict) == "timeout"
    assert told.message.startswith("Hidden check") or "all questions together" in told.message
    assert "all questions together have used up the 6 s" in told.detail


@pytest.mark.slow
def test_modules_that_sleep_while_they_are_loaded_are_loaded_once_each(grader: Grader) -> None:
    sources = {name: text + SLEEP for name, text in reference_sources().items()}
    grade, seconds = graded(grader, sources)
    assert grade.score == 0
    assert seconds < 3 * WALL + OVERHEAD
    assert {str(q.verdict) for q in grade.questions if q.digest} == {"timeout"}


@pytest.mark.ci
def test_a_module_that_sleeps_costs_the_others_nothing(grader: Grader) -> None:
    """It has five questions, which would take five times as long as one may."""
    sources = {**reference_sources(), "training": reference_sources()["training"] + SLEEP}
    grade, seconds = graded(grader, sources)
    assert seconds < WALL + OVERHEAD
    assert grade.score == sum(q.points for q in lab().auto_graded if q.module != "training")
    (message,) = {c.message for c in grade.question("q1_3").checks if c.visibility == "visible"}
    assert message.startswith("training.py could not be loaded within 2 s")


def test_a_module_that_fails_to_load_fails_alike_in_each_question(grader: Grader) -> None:
    sources = {**reference_sources(), "training": "raise ValueError('not today')\n"}
    grade, _ = graded(grader, sources)
    told = {
        c.message for q in ("q1_2", "q1_6") for c in grade.question(q).checks if c.visibility == "visible"
    }
    assert told == {"ValueError: not today\ntraining.py, line 1, in <module>: raise ValueError('not today')"}
    assert grade.score == sum(q.points for q in lab().auto_graded if q.module != "training")


def test_the_clock_counts_each_question_and_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    clock = Clock(10)

    def use(question: str, seconds: float) -> None:
        clock.left(question, 4)
        with clock.running(question):
            now[0] += seconds

    use("q1", 3)
    assert clock.left("q1", 4) == 1
    use("q1", 1)
    with pytest.raises(ChildFailure, match="the question has used up its 4 s"):
        clock.left("q1", 4)
    use("q2", 4)
    assert clock.left("q3", 4) == 2
    use("q3", 2)
    with pytest.raises(ChildFailure, match="all questions together have used up the 10 s"):
        clock.left("q3", 4)


def test_full_data_may_take_as_much_longer_as_its_training() -> None:
    training = lab().training
    assert training is not None
    longer = training.full.limits.wall_seconds - training.sample.limits.wall_seconds
    assert lab().seconds_of_all(full=True) == lab().seconds_of_all() + longer

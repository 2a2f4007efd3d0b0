"""What student code draws is the same however it is graded: alone, in company, in part (and over Dask)."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy
import pytest
from harness import lab
from outcomes import outcome
from random_submissions import handed_in, random_submissions

from autograder import randomness
from autograder.batch import collect, grade_all
from autograder.batch.lanes import lanes
from autograder.checking.check import function_of, in_package
from autograder.checking.student import LocalStudent, StudentFailure
from autograder.grade import Grade
from autograder.gradebook import timeless
from autograder.grading import Grader
from autograder.submission import Submission


def alone(grader: Grader) -> dict[str, Grade]:
    """Each by itself, the last one first."""
    given = reversed(list(random_submissions().items()))
    return {name: grader.grade(Submission(name, dict(sources))) for name, sources in given}


@pytest.mark.ci
def test_they_get_the_same_however_they_are_graded(warm: Grader, tmp_path: Path) -> None:
    """One test, for to grade them all takes long: the first grades are what all others are compared with."""
    grades = alone(warm)
    _do_draw_and_get_some_of_their_points(grades)
    for question in ("q1_3", "q2_1", "q3_4"):
        for name, grade in alone(warm.variant(only=frozenset({question}))).items():
            assert _result(grade, question) == _result(grades[name], question), f"{name}, {question} only"
    _same_in_a_class_by_one_process_or_two(warm, grades, tmp_path)
    _seen_by_the_student_in_public_checks(grades)


def _do_draw_and_get_some_of_their_points(grades: Mapping[str, Grade]) -> None:
    """Else it would be no wonder that they get the same ones."""
    assert len(grades) >= 20
    drawn = [grade.score for name, grade in grades.items() if not name.startswith("model")]
    assert sum(score < 73 for score in drawn) >= len(drawn) // 2
    assert len(set(drawn)) > 2


def _result(grade: Grade, question: str) -> dict[str, Any]:
    result: dict[str, Any] = next(one for one in timeless(grade)["questions"] if one["id"] == question)
    return result


def _same_in_a_class_by_one_process_or_two(warm: Grader, grades: Mapping[str, Grade], tmp_path: Path) -> None:
    folder, results = handed_in(tmp_path / "class"), []
    for jobs in (1, 2):
        out = tmp_path / str(jobs)
        with lanes(Grader(lab(), warm.options), jobs, lab().root) as ready:
            assert len(list(grade_all(collect([folder], lab(), out), warm, out, ready))) >= 20
        results.append(outcome(out))
    assert results[0] == results[1]
    for name, grade in grades.items():
        assert _questions(results[0][name]) == _questions(timeless(grade)), name


def _questions(grade: Any) -> list[dict[str, Any]]:
    """All that is said of each, but for the digest of the files that were read."""
    return [{key: value for key, value in q.items() if key != "digest"} for q in grade["questions"]]


def _seen_by_the_student_in_public_checks(grades: Mapping[str, Grade]) -> None:
    checks = [check for check in in_package(lab().name, ["public"]) if check.question in ("q2_1", "q3_4")]
    differ = []
    for name, sources in random_submissions().items():
        if name.partition("_")[2] not in ("torch", "python", "numpy"):
            continue  # the rest differs by process: hash seed, entropy, earlier checks
        for check in checks:
            graded = {c.name: str(c.verdict) for c in grades[name].question(check.question).checks}
            student = LocalStudent(sources, lab().probes, check=check.key)
            if _passes(function_of(check), student) != (graded[check.name] == "passed"):
                differ.append((name, check.key))
    assert not differ


def _passes(function: Any, student: LocalStudent) -> bool:
    try:
        function(student)
    except (AssertionError, StudentFailure):
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("name", ["convolution_torch", "convolution_made_at_import"])
def test_one_question_by_itself_draws_the_same(warm: Grader, name: str) -> None:
    one = Submission(name, dict(random_submissions()[name]))
    only = warm.variant(only=frozenset({"q2_1"}))
    assert _result(only.grade(one), "q2_1") == _result(warm.grade(one), "q2_1")


def test_what_was_drawn_meanwhile_leaves_no_trace() -> None:
    def draw() -> tuple[float, float]:
        return numpy.random.rand(), random.random()

    randomness.begin(7)
    expected = draw(), draw()
    randomness.begin(7)
    first = draw()
    with randomness.drawn_from(1):
        draw()
    assert (first, draw()) == expected


def test_other_work_draws_other_numbers() -> None:
    one = {"model": "x = 1"}
    seeds = {
        randomness.seed_of(one, "call", "q1_1/a", 1),
        randomness.seed_of(one, "call", "q1_1/a", 2),
        randomness.seed_of(one, "call", "q1_1/b", 1),
        randomness.seed_of({"model": "x = 2"}, "call", "q1_1/a", 1),
    }
    assert len(seeds) == 4

"""Hostile submissions in one batch: each gets what it is due, and the next one grades right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from attack_harness import Canaries, planted
from lab_harness import LabAttack, assignment, graded, grading, lab_attacks, lab_contained

from autograder.grade import Grade
from autograder.grading import Grader


@pytest.fixture(scope="module")
def canaries() -> Iterator[Canaries]:
    with planted() as made:
        yield made


@pytest.fixture(scope="module")
def grader(_nothing_is_left: None) -> Iterator[Grader]:
    with grading() as ready:
        yield ready


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("batch")


@pytest.mark.parametrize("attack", lab_attacks(), ids=lambda attack: attack.name)
def test_a_hostile_submission_gets_its_due(
    grader: Grader, canaries: Canaries, folder: Path, attack: LabAttack
) -> None:
    lab_contained(grader, attack, canaries, folder)


def test_after_all_of_them_a_right_one_gets_full_marks(
    grader: Grader, canaries: Canaries, folder: Path
) -> None:
    right = LabAttack("right", "", frozenset(), {})
    grade = graded(grader, right.handed_in(canaries), "right", folder)
    assert isinstance(grade, Grade)
    assert grade.score == sum(assignment().question(q).points for q in ("q1_3", "q2_2", "q3_3"))

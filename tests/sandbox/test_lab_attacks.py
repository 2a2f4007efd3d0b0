"""Hostile submissions in one batch: each gets what it is due, and the next one grades right."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from attack_harness import Canaries, planted
from lab_harness import (
    OPTIONS,
    QUESTIONS,
    ROOT,
    LabAttack,
    graded,
    lab,
    lab_attacks,
    lab_contained,
    write_zip,
)
from tries import THOROUGH, in_ci_but, slow_but

from autograder.grade import Grade
from autograder.grading import Grader


@pytest.fixture(scope="module")
def canaries() -> Iterator[Canaries]:
    with planted() as made:
        yield made


@pytest.fixture(scope="module")
def grader(_nothing_is_left: None, warm: Grader) -> Grader:
    return Grader(lab(), OPTIONS, warm.warm)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("batch")


@pytest.fixture
def asked(attack: LabAttack) -> frozenset[str]:
    """Its own questions, and one beside them; in the thorough run all four."""
    if THOROUGH:
        return QUESTIONS
    own = {name for name in QUESTIONS if lab().question(name).module in attack.modules}
    return frozenset({*own, *sorted(QUESTIONS - own)[-1:]})


def cases() -> list[Any]:
    """All of them; of those that may use up their time none is quick, and of the others a few."""
    quick = [one for one in lab_attacks() if "timeout" not in one.verdicts]
    slow = [one for one in lab_attacks() if "timeout" in one.verdicts]
    return [
        *slow_but(8, [pytest.param(one, id=one.name) for one in quick[::3]]),
        *[pytest.param(one, id=one.name, marks=pytest.mark.ci) for n, one in enumerate(quick) if n % 3],
        *in_ci_but(5, [pytest.param(one, id=one.name, marks=pytest.mark.slow) for one in slow]),
    ]


@pytest.mark.parametrize("attack", cases())
def test_a_hostile_submission_gets_its_due(
    grader: Grader, canaries: Canaries, folder: Path, attack: LabAttack, asked: frozenset[str]
) -> None:
    lab_contained(grader.variant(only=asked), attack, canaries, folder)


def test_after_all_of_them_a_right_one_gets_full_marks(
    grader: Grader, canaries: Canaries, folder: Path
) -> None:
    right = LabAttack("right", "", frozenset(), {})
    grade = graded(grader, right.handed_in(canaries), "right", folder)
    assert isinstance(grade, Grade)
    assert grade.score == sum(lab().question(q).points for q in QUESTIONS)


@pytest.mark.slow
def test_no_check_passes_a_forger_in_a_run_of_pytest_by_hand(canaries: Canaries, tmp_path: Path) -> None:
    found = {attack.name: attack for attack in lab_attacks()}
    attack = replace(found["shadow_pytest"], modules=found["answer_instead_of_the_worker"].modules)
    submission = write_zip(tmp_path / "submission.zip", attack.handed_in(canaries))
    command = [sys.executable, "-m", "pytest", "assignment/lab06", "--submission", str(submission), "-rA"]
    done = subprocess.run([*command, "-k", "q2_2 or q3_3"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout + done.stderr
    passed = [line for line in done.stdout.splitlines() if line.startswith("PASSED")]
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert {"q2_2" in line for line in failed} == {True}
    assert {"q3_3" in line for line in passed} == {True}
    canaries.check()

"""Attacks through the other front: what otter starts gives each the verdicts of `convlab grade`."""

from __future__ import annotations

from pathlib import Path

import pytest
from handed_in import zipped
from harness import lab
from hostile import ATTACKS, KINDS, attack_files, attacked
from tries import in_ci_but

from autograder.batch import collect, grade_all
from autograder.grade import Grade
from autograder.grading import Grader
from autograder.otter.config import PluginSettings
from autograder.otter.isolated import grade_quarantined, quarantine

pytestmark = pytest.mark.slow


def verdicts(grade: Grade) -> dict[str, tuple[str, float, list[str]]]:
    """By question: verdict, score, and what the student reads of each check."""
    return {
        q.id: (str(q.verdict), q.score, [f"{c.verdict} {c.message}" for c in q.checks])
        for q in grade.questions
    }


@pytest.fixture
def near(warm: Grader, kind: str, tmp_path: Path) -> Grade:
    """What `convlab grade` makes of this kind."""
    folder, out = tmp_path / "class", tmp_path / "out"
    folder.mkdir()
    zipped(folder / f"{kind}.zip", {n: t.encode() for n, t in attack_files(ATTACKS / kind).items()})
    (done,) = grade_all(collect([folder], lab(), out), warm, out)
    assert isinstance(done.result, Grade)
    return done.result


@pytest.mark.parametrize("kind", in_ci_but(6, KINDS))
def test_otter_gives_an_attack_its_honest_verdict(
    kind: str, near: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVLAB_NO_TRAINING", "1")
    monkeypatch.setenv("CONVLAB_DEVICE", "cpu")
    submission = tmp_path / "submission"
    submission.mkdir()
    for name, text in attack_files(ATTACKS / kind).items():
        plain = submission / name.replace("\0", "")
        if ".." not in plain.parts and len(plain.name.encode()) <= 255 and name.strip("/") == name:
            plain.parent.mkdir(parents=True, exist_ok=True)
            plain.write_text(text, "utf-8", newline="")
    private = quarantine(submission, tmp_path)
    graded = grade_quarantined(private, tmp_path, lab(), PluginSettings())
    assert graded.grade is not None, graded.unreadable
    assert verdicts(graded.grade) == verdicts(near)
    for question in graded.grade.questions:
        module = lab().question(question.id).module
        if module in attacked(ATTACKS / kind) and question.id in ("q1_1", "q1_3", "q2_2", "q3_3"):
            assert question.score == 0, question.id
        elif module and question.verdict not in ("not run", "ungraded"):
            assert module in attacked(ATTACKS / kind) or question.score == question.max_score, question.id

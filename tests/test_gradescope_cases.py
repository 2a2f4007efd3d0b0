"""Every kind of hand-in through run_autograder, as on Gradescope: a valid results.json, the right score."""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from gradescope_cases import Case, cases, slips
from harness import lab
from tries import in_ci_but

from autograder.otter.generate import autograder_files
from autograder.otter.isolated import SHIPPED
from autograder.release.selftest import handed_in
from autograder.release.sources import cut_lab
from autograder.release.student import solution_files, student_files

TIGHTER = {
    "cpu_seconds = 10.0": "cpu_seconds = 2.0",
    "wall_seconds = 30.0": "wall_seconds = 6.0",
    "submission_seconds = 300": "submission_seconds = 120",
}
"""Limits that a hand-in which ends by itself does not reach."""
NO_OTTER = "raise SystemExit(1)  # the grade does not depend on it; other tests run otter\n"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The contents of autograder.zip, with tighter limits."""
    folder = tmp_path_factory.mktemp("autograder") / "source"
    for name, data in autograder_files(lab()).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (folder / "run_otter.py").write_text(NO_OTTER)
    facts = folder.parent / SHIPPED / "assignment" / "assignment.toml"
    text = facts.read_text("utf-8")
    for usual, tight in TIGHTER.items():
        assert usual in text
        text = text.replace(usual, tight, 1)
    facts.write_text(text, "utf-8")
    compileall.compile_dir(folder.parent / SHIPPED / "autograder", quiet=1)  # as setup.sh does
    return folder


@pytest.fixture(scope="module")
def cut() -> tuple[dict[str, bytes], dict[str, bytes]]:
    """What is handed in by who has solved all of it, and by who has not begun."""
    found = cut_lab(lab())
    solved, stub = (handed_in(files(found), lab()) for files in (solution_files, student_files))
    return dict(solved), dict(stub)


def results_of(case: Case, base: Path, source: Path, cut: tuple[dict[str, bytes], dict[str, bytes]]) -> str:
    """The text of results.json after run_autograder."""
    shutil.copytree(source, base / "source")
    (base / "results").mkdir()
    (base / "submission").mkdir()
    for name, data in case.make(*cut).items():
        path = base / "submission" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    if case.metadata is not None:
        (base / "submission_metadata.json").write_text(case.metadata, "utf-8")
    settings = {
        "CONVLAB_AUTOGRADER_DIR": str(base),
        "CONVLAB_PYTHON": sys.executable,
        "CONVLAB_DEVICE": "cpu",
    }
    settings |= {} if case.training else {"CONVLAB_NO_TRAINING": "1"}
    command = ["bash", str(base / "source" / "run_autograder")]
    subprocess.run(command, env={**os.environ, **settings}, capture_output=True, timeout=480)
    return (base / "results" / "results.json").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("case", in_ci_but(7, [pytest.param(case, id=case.name) for case in cases()]))
def test_a_hand_in_has_valid_results_and_its_score(
    case: Case, tmp_path: Path, source: Path, cut: tuple[dict[str, bytes], dict[str, bytes]]
) -> None:
    started = time.monotonic()
    text = results_of(case, tmp_path / "ag", source, cut)
    assert case.failures(text) == [], text[:2000]
    assert time.monotonic() - started < 8 * 60


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "JSON"),
        ('{"score": "83"}', "score"),
        ('{"tests": [{"name": "a"}], "stdout_visibility": "hidden"}', "no score"),
        ('{"score": 1, "stdout_visibility": "visible"}', "staff"),
        ('{"score": 1, "tests": [{"visibility": "never"}]}', "visibility"),
        ('{"score": 1, "leaderboard": [{"name": "a"}]}', "value"),
        ('{"score": 1, "colour": "red"}', "colour"),
    ],
)
def test_the_documented_form_is_insisted_on(text: str, told: str) -> None:
    assert any(told in slip for slip in slips(text)), slips(text)

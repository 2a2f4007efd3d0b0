"""A class in which every second submission is an attack: honest ones get what they would get without it.

And what attacks cost the grader itself: memory, time, and bytes on disk.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from harness import ROOT, edited, lab, reference_sources
from lab_copy import copied, edit

pytestmark = pytest.mark.slow

ATTACKS = ROOT / "assignment" / "audit" / "attacks"
QUESTIONS = "q1_1,q1_3,q2_2,q3_3"
MIB = 1 << 20
MEASURED = """
import resource, sys
from autograder.cli import main
try:
    main(sys.argv[1:], standalone_mode=False)
finally:
    own = resource.getrusage(resource.RUSAGE_SELF)
    print("GRADER", own.ru_maxrss // 1024, round(own.ru_utime + own.ru_stime, 1))
"""
HUGE_WEIGHTS = """
def train_one_epoch(model, loader, loss_fn, optimizer, device):
    import torch
    for parameter in model.parameters():
        parameter.data = torch.full((15_000_000,), 0.12345678)
    return 0.25, 0.75
"""
MANY_NAMES = """
def build_model():
    import torch
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10))
    for n in range(8_000):
        model.register_parameter("a" * 200 + str(n), torch.nn.Parameter(torch.zeros(1)))
    return model
"""
LONG_TEXT = """
def apply_convolution(img, kernel):
    raise ValueError("x" * 100_000_000)
"""
MANY_ITEMS = """
def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    return img, [1e300] * 10_000
"""


def quick_lab(place: Path) -> Path:
    """The lab with limits that an attack reaches soon."""
    root = copied(place)
    edit(root, "assignment/assignment.toml", "cpu_seconds = 10.0\n", "cpu_seconds = 1.5\n")
    text = (root / "assignment" / "assignment.toml").read_text()
    general = re.search(r"^\[limits\]\n(?:[^\[]*\n)*?wall_seconds = (\S+)$", text, flags=re.MULTILINE)
    assert general
    start, end = general.span(1)
    (root / "assignment" / "assignment.toml").write_text(f"{text[:start]}6.0{text[end:]}")
    return root


def hand_in(path: Path, files: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)


def attack_files(folder: Path) -> dict[str, str]:
    """What an attack hands in: its own modules over the reference's, aimed at nothing."""
    facts = tomllib.loads((folder / "attack.toml").read_text("utf-8"))
    files = {f"{name}.py": text for name, text in reference_sources().items()}
    files |= {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.py"))}
    files.update(facts.get("files", {}))
    return files


def convlab(root: Path, *arguments: object, code: str = "from autograder.cli import main; main()") -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, "CONVLAB_ROOT": str(root)},
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


def timeless(path: Path) -> str:
    """A file of results without what the clock says."""
    return re.sub(r'"(seconds|execution_time)": [\d.e-]+', "", path.read_text("utf-8"))


def honest_rows(table: Path) -> list[str]:
    return [line for line in table.read_text("utf-8").splitlines() if line.startswith("honest")]


def test_honest_students_get_the_same_with_and_without_attackers(tmp_path: Path) -> None:
    root = quick_lab(tmp_path / "lab")
    for folder in ("quiet", "loud"):
        (tmp_path / folder).mkdir()
        for n in range(25):
            wrong = edited("convolution", ("return result", "return result + 1")) if n % 3 == 1 else {}
            sources = {**reference_sources(), **wrong}
            hand_in(
                tmp_path / folder / f"honest-{n:02}.zip",
                {f"{k}.py": f"{v}# {n}\n" for k, v in sources.items()},
            )
    attacks = [path for path in sorted(ATTACKS.iterdir()) if path.is_dir() and "loop" not in path.name]
    for attack in attacks[:: len(attacks) // 25][:25]:
        hand_in(tmp_path / "loud" / f"{attack.name}.zip", attack_files(attack))
    for folder in ("quiet", "loud"):
        out = tmp_path / f"{folder}-out"
        convlab(root, "grade", tmp_path / folder, "--out", out, "--only", QUESTIONS, "--jobs", "2")
        convlab(root, "report", out)
    for n in range(25):
        for name in ("grade.json", "results.json", "feedback.html"):
            quiet, loud = (tmp_path / f"{f}-out" / f"honest-{n:02}" / name for f in ("quiet", "loud"))
            assert timeless(quiet) == timeless(loud), f"{n}: {name}"
    quiet_rows, loud_rows = (honest_rows(tmp_path / f"{f}-out" / "grades.csv") for f in ("quiet", "loud"))
    assert quiet_rows == loud_rows
    assert len(loud_rows) == 25


@pytest.mark.parametrize(
    ("module", "text", "question"),
    [
        ("training", HUGE_WEIGHTS, "q1_5"),
        ("model", MANY_NAMES, "q1_1"),
        ("convolution", LONG_TEXT, "q2_2"),
        ("gradient", MANY_ITEMS, "q3_4"),
    ],
)
def test_what_comes_back_costs_the_grader_little(
    tmp_path: Path, module: str, text: str, question: str
) -> None:
    sources = {**reference_sources(), module: f"{reference_sources()[module]}\n{text}"}
    hand_in(tmp_path / "it.zip", {f"{name}.py": source for name, source in sources.items()})
    out = tmp_path / "out"
    said = convlab(lab().root, "grade", tmp_path / "it.zip", "--out", out, "--only", question, code=MEASURED)
    found = re.search(r"GRADER (\d+) ([\d.]+)", said)
    assert found, said
    assert int(found[1]) < 700, f"{found[1]} MiB"
    assert float(found[2]) < 30, f"{found[2]} CPU seconds"
    assert (out / "it" / "grade.json").stat().st_size < MIB
    grade = json.loads((out / "it" / "grade.json").read_text("utf-8"))
    assert next(q for q in grade["questions"] if q["id"] == question)["verdict"] != "passed"

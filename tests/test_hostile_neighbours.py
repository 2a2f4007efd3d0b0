"""A class in which two of three submissions are attacks: honest ones get what they would get without it.

And what attacks cost the grader itself: memory, time, and bytes on disk.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch
from harness import ROOT, edited, lab, reference_sources
from hostile import ATTACKS, attack_files
from lab_copy import quick_lab
from tries import in_ci_but

from autograder.grading import Grader, Options
from autograder.otter.isolated import environment
from autograder.submission import Submission

pytestmark = pytest.mark.slow

QUESTIONS = "q1_1,q1_3,q2_2,q3_3"
HONEST = 12
MIB = 1 << 20
# The peak is that of the memory since `exec`: ru_maxrss would count what the process that started it had.
MEASURED = """
import re, resource, sys
from pathlib import Path
from autograder.cli import main
try:
    main(sys.argv[1:], standalone_mode=False)
finally:
    own = resource.getrusage(resource.RUSAGE_SELF)
    peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
    print("GRADER", int(peak[1]) // 1024, round(own.ru_utime + own.ru_stime, 1))
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


def hand_in(path: Path, files: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)


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
    return re.sub(r'"seconds": [\d.e-]+', "", path.read_text("utf-8"))


def honest_rows(table: Path) -> list[str]:
    return [line for line in table.read_text("utf-8").splitlines() if line.startswith("honest")]


@pytest.mark.ci
def test_honest_students_get_the_same_with_and_without_attackers(tmp_path: Path) -> None:
    root = quick_lab(tmp_path / "lab")
    for folder in ("quiet", "loud"):
        (tmp_path / folder).mkdir()
        for n in range(HONEST):
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
    for n in range(HONEST):
        for name in ("grade.json", "results.json", "feedback.html"):
            quiet, loud = (tmp_path / f"{f}-out" / f"honest-{n:02}" / name for f in ("quiet", "loud"))
            assert timeless(quiet) == timeless(loud), f"{n}: {name}"
    quiet_rows, loud_rows = (honest_rows(tmp_path / f"{f}-out" / "grades.csv") for f in ("quiet", "loud"))
    assert quiet_rows == loud_rows
    assert len(loud_rows) == HONEST
    for name in ("grades-canvas.csv", "grades-gradescope.csv"):
        quiet_rows, loud_rows = (honest_rows(tmp_path / f"{f}-out" / name) for f in ("quiet", "loud"))
        assert quiet_rows == loud_rows, name
        assert len(loud_rows) == HONEST


@pytest.mark.parametrize(
    ("module", "text", "question"),
    in_ci_but(
        4,
        [
            ("training", HUGE_WEIGHTS, "q1_5"),
            ("model", MANY_NAMES, "q1_1"),
            ("convolution", LONG_TEXT, "q2_2"),
            ("gradient", MANY_ITEMS, "q3_4"),
        ],
    ),
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


LARGE = """
import torch

calls = []


def large(*arguments):
    calls.append(1)
    return torch.full((2790, 2790), 1.5) if len(calls) < 3 else torch.zeros(1)


compute_convolution_at_position = apply_convolution = large
"""


def test_large_replies_do_not_stay(warm: Grader) -> None:
    """A process that grades a class keeps nothing of what came back, even where no one collects cycles."""
    options = Options(training=False, device="cpu", only=frozenset({"q2_1", "q2_2"}))
    gc.collect()
    gc.disable()
    try:
        grade = Grader(lab(), options, warm.warm).grade(
            Submission("someone", {**reference_sources(), "convolution": LARGE})
        )
        tensors = [one for one in gc.get_objects() if isinstance(one, torch.Tensor)]
        left = [one for one in tensors if tuple(one.shape) == (2790, 2790)]
    finally:
        gc.enable()
    assert grade.score == 0
    assert not left, f"{len(left)} tensors, {sum(one.nbytes for one in left) // MIB} MiB"


@pytest.mark.ci
def test_a_training_fits_beside_otter_into_gradescopes_container(tmp_path: Path) -> None:
    """All of the grader's processes together; otter itself takes some 120 of the 768 MB."""
    spec = importlib.util.spec_from_file_location("otter_memory", ROOT / "benchmarks" / "otter_memory.py")
    assert spec is not None
    assert spec.loader is not None
    measuring = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(measuring)
    submission = measuring.perfect(tmp_path / "perfect.zip", lab())
    command = [sys.executable, "-m", "autograder.cli", "grade", str(submission), "--only", "q1_7"]
    command += ["--out", str(tmp_path / "out")]
    script = f"""
import sys
sys.path.insert(0, {str(ROOT / "benchmarks")!r})
from otter_memory import measure
status, peak, _ = measure({command!r}, 0.05)
print("PEAK", status, peak // 10**6)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(ROOT, os.environ),
        capture_output=True,
        text=True,
        timeout=1200,
    )
    found = re.search(r"PEAK (\d+) (\d+)", done.stdout)
    assert found, done.stderr
    assert int(found[1]) == 0, done.stderr
    grade = json.loads((tmp_path / "out" / "perfect" / "grade.json").read_text("utf-8"))
    assert next(q for q in grade["questions"] if q["id"] == "q1_7")["verdict"] == "passed"
    limit = 570 if os.getuid() == 0 else 700  # an ordinary user sees what processes share once for each
    assert int(found[2]) < limit, f"{found[2]} MB"

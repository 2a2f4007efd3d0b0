"""The real grader over several processes: the same grades, whatever is killed on the way."""

from __future__ import annotations

import contextlib
import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from handed_in import zipped
from harness import ROOT, lab, reference_sources
from interrupts import hears_ctrl_c
from outcomes import outcome

from autograder.batch import collect, grade_all, lanes
from autograder.grade import Grade
from autograder.grading import Grader, Options
from autograder.submission import Submission

ONE = Options(only=frozenset({"q2_1"}), device="cpu")
CLASS = 8
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class: right, wrong, one that cannot be loaded, one that cannot be read."""
    folder = tmp_path_factory.mktemp("class")
    files = {f"{name}.py": text.encode() for name, text in reference_sources().items()}
    for n in range(CLASS - 1):
        own = files["convolution.py"] + f"\n# student {n}\n".encode()
        own = own.replace(b"i - 1", b"i") if n % 3 == 1 else own
        own += b"import nowhere\n" if n == 3 else b""
        zipped(folder / f"s{n}.zip", {**files, "convolution.py": own})
    (folder / "unreadable.zip").write_text("no zip")
    return folder


@pytest.fixture(scope="module")
def expected(given: Path, tmp_path_factory: pytest.TempPathFactory, warm: Grader) -> dict[str, object]:
    """What one process makes of the class, all at once."""
    out = tmp_path_factory.mktemp("expected")
    for _ in grade_all(collect([given], lab(), out), Grader(lab(), ONE, warm.warm), out):
        pass
    found = outcome(out)
    scores = [row["score"] for row in csv.DictReader((out / "grades.csv").open(newline=""))]
    assert set(scores) == {"8", "0", ""}
    return found


@pytest.fixture
def no_process_left() -> Iterator[None]:
    """Fail where a run left a process behind."""
    before = set(psutil.pids())
    yield
    deadline = time.monotonic() + 60
    while (left := _graders(before)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not left


def _graders(before: set[int]) -> list[str]:
    """Command lines of graders that are there since; not those below other processes that run tests."""
    mine = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "status"]):
        line = " ".join(process.info["cmdline"] or [])
        if process.info["pid"] in before or str(ROOT) not in line or "autograder" not in line:
            continue
        with contextlib.suppress(psutil.NoSuchProcess):
            if before & {parent.pid for parent in process.parents()} <= mine:
                found.append(line)
    return found


@pytest.mark.ci
def test_two_processes_bring_what_one_does(given: Path, expected: dict[str, object], tmp_path: Path) -> None:
    grader = Grader(lab(), ONE)
    items = collect([given], lab(), tmp_path)
    with lanes(grader, 2, ROOT) as ready:
        run = grade_all(items, grader, tmp_path, ready)
        first = next(run)
        for worker in _workers():  # one of these is at work, or both are
            worker.kill()
        assert [first, *run]
    assert outcome(tmp_path) == expected


@pytest.mark.ci
def test_a_lane_that_died_while_it_had_nothing_to_do_begins_again() -> None:
    """The system ends it as memory gets short: no submission is to blame, and the run goes on."""
    submission = Submission("someone", dict(reference_sources()))
    with lanes(Grader(lab(), ONE), 2, ROOT) as ready:
        for _ in range(2):
            grade = ready[0].submit(submission, ["q2_1"]).result(120)
            assert isinstance(grade, Grade)
            assert grade.question("q2_1").score == 8
            (worker,) = _workers()
            worker.kill()
            worker.wait(60)
            time.sleep(1)  # by then the pool knows


def _workers() -> list[psutil.Process]:
    """The processes that hold a grader: they have a zygote."""
    below = psutil.Process().children(recursive=True)
    zygotes = [process for process in below if "autograder.sandbox.zygote" in " ".join(process.cmdline())]
    parents = [zygote.parent() for zygote in zygotes]
    return [parent for parent in parents if parent is not None and parent.pid != os.getpid()]


@pytest.mark.ci
@pytest.mark.usefixtures("no_process_left")
def test_killed_again_and_again_it_comes_to_the_same(
    given: Path, expected: dict[str, object], tmp_path: Path
) -> None:
    convlab = [sys.executable, "-m", "autograder.cli", "grade", str(given), "--out", str(tmp_path)]
    command = [*convlab, "--only", "q2_1", "--device", "cpu", "--jobs", "2"]
    for goal in (1, 4):
        run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        while run.poll() is None and len(list(tmp_path.glob("*/grade.json"))) < goal:
            time.sleep(0.05)
        run.send_signal(signal.SIGKILL)
        run.wait()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "were graded before and kept" in done.stdout
    assert outcome(tmp_path) == expected
    assert not list(tmp_path.rglob(".convlab-part-*"))


@pytest.mark.usefixtures("no_process_left")
def test_ctrl_c_keeps_what_is_there(tmp_path: Path) -> None:
    files = {f"{name}.py": text.encode() for name, text in reference_sources().items()}
    slow = b"import time\ntime.sleep(8)\n" + files["convolution.py"].replace(b"from __future__", b"# ")
    (tmp_path / "in").mkdir()
    zipped(tmp_path / "in" / "b.zip", {**files, "convolution.py": slow})
    zipped(tmp_path / "in" / "a.zip", files)
    convlab = [sys.executable, "-m", "autograder.cli", "grade", str(tmp_path / "in"), "--jobs", "1"]
    run = subprocess.Popen(
        [*convlab, "--out", str(tmp_path / "out"), "--only", "q2_1"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hears_ctrl_c,
    )
    while run.poll() is None and not (tmp_path / "out" / "a" / "grade.json").exists():
        time.sleep(0.05)
    time.sleep(1)
    run.send_signal(signal.SIGINT)
    _, errors = run.communicate(timeout=120)
    assert run.returncode == 130, errors
    assert "of 2 submissions graded; run it again to continue" in errors
    assert len((tmp_path / "out" / "grades.csv").read_text().splitlines()) == 2

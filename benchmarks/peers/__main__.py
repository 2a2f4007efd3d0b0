"""CPU time per submission of convlab, `otter run` and `nbgrader autograde`, on the same submissions.

    make peers

Every grader runs the same checks (all but the training run of q1_7, which costs each of them the same) on
right and wrong solutions; otter and nbgrader run them as their authors mean it, in the kernel that holds the
student's code. CPU time is that of the command and all processes that it starts and waits for. convlab grades
more submissions than the others, since it starts up once for a class; its start is counted, too.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from autograder.checking.catalog import catalog
from autograder.checking.check import Check
from autograder.lab import Lab, load_lab

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BIN = Path(sys.executable).parent
TARGETS = {"otter run": 20, "nbgrader autograde": 10}
WRONG = {
    "convolution.py": ("for j in range(1,", "for j in range(2,"),
    "training.py": ("weight_decay=1e-5", "weight_decay=1e-2"),
}
Files = dict[str, str]


@dataclass(frozen=True)
class Cost:
    """Of one command: CPU seconds, wall seconds, submissions graded, points of the first of them."""

    cpu: float
    wall: float
    count: int
    points: float

    @property
    def each(self) -> float:
        """CPU seconds a submission."""
        return self.cpu / self.count


def submissions(lab: Lab, count: int) -> list[Files]:
    """Right solutions, no two the same; every fourth has two mistakes."""
    right = {name: (ROOT / "solutions" / name).read_text() for name in lab.module_files}
    made = []
    for n in range(count):
        files = dict(right)
        if n % 4 == 3:
            for name, (old, new) in WRONG.items():
                if old not in files[name]:
                    raise SystemExit(f"benchmarks/peers: {old!r} does not stand in solutions/{name}")
                files[name] = files[name].replace(old, new)
        files["convolution.py"] += f"\n# student {n}\n"
        made.append(files)
    return made


def checks(lab: Lab) -> list[Check]:
    """All checks but those of the training run."""
    training = {question.id for question in lab.questions if question.training}
    return [check for check in catalog(lab) if check.question not in training]


def measured(command: Sequence[str], where: Path) -> tuple[float, float]:
    """CPU and wall seconds of a command that must succeed."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(HERE)}
    done = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True)
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 2):
        said = f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        raise SystemExit(f"{' '.join(command)}: exit status {done.returncode}\n{said}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, wall


# ---- convlab ---------------------------------------------------------------------------------------


def convlab(lab: Lab, given: Sequence[Files], folder: Path) -> Cost:
    for n, files in enumerate(given):
        _write(folder / "class" / f"s{n:03}", files)
    names = sorted({check.question for check in checks(lab)})
    order = [str(BIN / "convlab"), "grade", "class", "--out", "out", "--jobs", "1", "--only", ",".join(names)]
    cpu, wall = measured(order, folder)
    grade = json.loads((folder / "out" / "s000" / "grade.json").read_text())
    return Cost(cpu, wall, len(given), grade["score"])


# ---- otter -----------------------------------------------------------------------------------------

OTTER_HEAD = """\
from inprocess import run
from otter.test_files import test_case

OK_FORMAT = False
name = "{question}"
points = {points!r}
"""
OTTER_CASE = """

@test_case(points={points!r}, hidden={hidden!r})
def test_{name}():
    run("{question}", "{name}")
"""


def otter(lab: Lab, given: Sequence[Files], folder: Path) -> Cost:
    grader = folder / "autograder.zip"
    _zip(grader, _otter_files(lab))
    cpu = wall = points = 0.0
    for n, files in enumerate(given):
        handed_in = folder / f"s{n}.zip"
        _zip(handed_in, {**files, "lab06.ipynb": _text(_notebook(lab))})
        order = [str(BIN / "otter"), "run", str(handed_in), "-a", str(grader), "-o", str(folder), "--no-logo"]
        used, took = measured(order, folder)
        results = json.loads((folder / "results.json").read_text())
        if n == 0:
            points = sum(test.get("score", 0) for test in results["tests"])
        cpu, wall = cpu + used, wall + took
    return Cost(cpu, wall, len(given), points)


def _otter_files(lab: Lab) -> Files:
    files = {"otter_config.json": json.dumps({"pdf": False, "show_stdout": False}), "run_otter.py": ""}
    files |= {"requirements.txt": "", "run_autograder": "", "setup.sh": ""}
    for question, group in groupby(checks(lab), lambda check: check.question):
        of_question = list(group)
        text = OTTER_HEAD.format(question=question, points=sum(check.points for check in of_question))
        for check in of_question:
            text += OTTER_CASE.format(**vars(check))
        files[f"tests/{question}.py"] = text
    return files


# ---- nbgrader --------------------------------------------------------------------------------------


def nbgrader(lab: Lab, given: Sequence[Files], folder: Path) -> Cost:
    (folder / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'course'\nc.ExecutePreprocessor.timeout = 600\n"
    )
    source = _notebook(lab, [_nbgrader_cell(check) for check in checks(lab)])
    _write(folder / "source" / "lab06", {"lab06.ipynb": _text(source)})
    measured([str(BIN / "nbgrader"), "generate_assignment", "lab06"], folder)
    released = (folder / "release" / "lab06" / "lab06.ipynb").read_text()
    for n, files in enumerate(given):
        _write(folder / "submitted" / f"s{n}" / "lab06", {**files, "lab06.ipynb": released})
    cpu, wall = measured([str(BIN / "nbgrader"), "autograde", "lab06"], folder)
    return Cost(cpu, wall, len(given), _gradebook(folder))


def _nbgrader_cell(check: Check) -> nbformat.NotebookNode:
    marks = {
        "grade": True,
        "grade_id": f"{check.question}-{check.name}",
        "locked": True,
        "points": check.points,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    text = f"from inprocess import run\nrun({check.question!r}, {check.name!r})"
    return new_code_cell(text, metadata={"nbgrader": marks})


def _gradebook(folder: Path) -> float:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        return float(book.find_submission("lab06", "s0").score)


# ---- files -----------------------------------------------------------------------------------------


def _notebook(lab: Lab, more: Sequence[nbformat.NotebookNode] = ()) -> nbformat.NotebookNode:
    imports = new_code_cell("\n".join(f"import {name}" for name in lab.modules))
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return new_notebook(cells=[imports, *more], metadata=kernel)


def _text(notebook: nbformat.NotebookNode) -> str:
    return str(nbformat.writes(notebook))


def _write(folder: Path, files: Files) -> None:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)


def _zip(path: Path, files: Files) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300, help="submissions that convlab grades")
    parser.add_argument("--peers", type=int, default=4, help="how many of them otter and nbgrader grade")
    chosen = parser.parse_args()
    lab = load_lab(ROOT)
    given = submissions(lab, chosen.count)
    few = given[: chosen.peers]
    runs: dict[str, Callable[[Path], Cost]] = {
        "convlab grade": lambda folder: convlab(lab, given, folder),
        "otter run": lambda folder: otter(lab, few, folder),
        "nbgrader autograde": lambda folder: nbgrader(lab, few, folder),
    }
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"  # nbgrader calls alembic
    names = ("otter-grader", "nbgrader", "torch")
    print(", ".join(f"{name} {version(name)}" for name in names), flush=True)
    costs = {}
    for name, run in runs.items():
        with tempfile.TemporaryDirectory(prefix="peers-") as folder:
            cost = costs[name] = run(Path(folder))
        print(
            f"{name:<20} {cost.each:6.2f} CPU s a submission ({cost.count} graded in {cost.wall:.0f} s); "
            f"the first has {cost.points:g} points",
            flush=True,
        )
    ours = costs["convlab grade"]
    for name, wanted in TARGETS.items():
        print(f"{name}: {costs[name].each / ours.each:.1f} times convlab's CPU time (wanted: {wanted})")
    if len({cost.points for cost in costs.values()}) > 1:
        raise SystemExit("the graders do not agree on the first submission")


if __name__ == "__main__":
    main()

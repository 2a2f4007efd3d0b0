"""Where the time of a submission goes, and how the cost grows: `python benchmarks/parts.py`.

Grades so many right submissions, one after another, in one warm grader, all checks but training. Prints for
each count the CPU time a submission of this process (pytest, references, judging) and of the sandbox (the
zygote's forks, the student's code), and how much of the wall time was spent inside checks.

    python benchmarks/parts.py --against 0c15588 --rounds 10

compares with another commit: both graders are warm and take turns, so that other work on the machine slows
both down alike.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
AT_A_TIME = 3
PARTS = ("grader", "zygote", "student's code")


def cpu() -> tuple[float, float, float]:
    """CPU seconds so far: of this process, of the zygote, of the children that it has reaped."""
    own = psutil.Process()
    times = [child.cpu_times() for child in own.children()]
    mine = own.cpu_times()
    zygote = sum(t.user + t.system for t in times)
    return mine.user + mine.system, zygote, sum(t.children_user + t.children_system for t in times)


@contextmanager
def grading(root: Path) -> Iterator[Callable[[str], float]]:
    """A function that grades a right submission of that name; the seconds spent inside its checks."""
    from autograder.grading import Grader, Options
    from autograder.submission import Submission

    lab = _lab(root)
    sources = {name: (root / "solutions" / f"{name}.py").read_text() for name in lab.modules}
    with Grader(lab, Options(training=False, device="cpu")) as grader:

        def grade(name: str) -> float:
            own = {**sources, "convolution": f"{sources['convolution']}\n# {name}\n"}
            result = grader.grade(Submission(name, own, digest=name))
            return sum(check.seconds for question in result.questions for check in question.checks)

        yield grade


def _lab(root: Path) -> Any:
    """The lab in a tree, which older commits call the assignment."""
    if (root / "autograder" / "assignment.py").is_file():
        load: Any = importlib.import_module("autograder.assignment").load_assignment
    else:
        load = importlib.import_module("autograder.lab").load_lab
    return load(root)


def growth(counts: list[int]) -> None:
    """Print a line for each count."""
    with grading(ROOT) as grade:
        grade("first")
        print("submissions  ms each: grader  zygote  student's code  |  wall  of it in checks")
        for count in counts:
            before, started = cpu(), time.monotonic()
            inside = sum(grade(f"{count}-{n}") for n in range(count))
            wall = time.monotonic() - started
            parts = [1000 * (b - a) / count for a, b in zip(before, cpu(), strict=True)]
            print(
                f"{count:11}  {parts[0]:15.0f}  {parts[1]:6.0f}  {parts[2]:14.0f}  |  "
                f"{1000 * wall / count:4.0f}  {inside / wall:12.0%}",
                flush=True,
            )


# ---- against another commit --------------------------------------------------------------------------


def serve(root: Path) -> None:
    """Grade a few submissions for each line read, and print the CPU milliseconds of each part."""
    with grading(root) as grade:
        grade("first")
        grade("second")
        print("ready", flush=True)
        for line in sys.stdin:
            before = cpu()
            for n in range(AT_A_TIME):
                grade(f"{line.strip()}-{n}")
            spent = [1000 * (b - a) / AT_A_TIME for a, b in zip(before, cpu(), strict=True)]
            print(json.dumps(spent), flush=True)


def started(tree: Path) -> subprocess.Popen[str]:
    """A grader of the code in a tree, in a process of its own."""
    environ = {**os.environ, "PYTHONPATH": f"{tree}{os.pathsep}{tree / 'assignment'}"}
    command = [sys.executable, "-P", str(Path(__file__).resolve()), "--serve", str(tree)]
    return subprocess.Popen(
        command, cwd=tree, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def asked(process: subprocess.Popen[str], name: str) -> list[float]:
    """What one turn took."""
    assert process.stdin is not None
    assert process.stdout is not None
    print(name, file=process.stdin, flush=True)
    spent: list[float] = json.loads(process.stdout.readline())
    return spent


def against(commit: str, rounds: int) -> float:
    """Print what a submission takes here and at another commit; the ratio of the medians."""
    with tempfile.TemporaryDirectory(prefix="convlab-") as folder:
        tree = Path(folder, "tree")
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(tree), commit], check=True)
        try:
            then, now = started(tree), started(ROOT)
            for process in (then, now):
                assert process.stdout is not None
                if process.stdout.readline().strip() != "ready":
                    raise SystemExit("a grader could not be started, see above")
            found: dict[str, list[list[float]]] = {commit: [], "here": []}
            for n in range(rounds):
                found[commit].append(asked(then, str(n)))
                found["here"].append(asked(now, str(n)))
            for process in (then, now):
                process.communicate()
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)
    print(f"CPU ms a submission, median of {rounds} turns  {'  '.join(PARTS)}  all")
    for name, turns in found.items():
        parts = [statistics.median(column) for column in zip(*turns, strict=True)]
        print(f"{name:<46}  {'  '.join(f'{part:.0f}' for part in parts)}  {_all(turns):.0f}")
    ratio = _all(found["here"]) / _all(found[commit])
    print(f"here takes {ratio:.2f} of what {commit} takes")
    return ratio


def _all(turns: list[list[float]]) -> float:
    return statistics.median(sum(turn) for turn in turns)


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--counts", default="20,40,80")
    parser.add_argument("--against", metavar="COMMIT", help="compare with this commit")
    parser.add_argument("--rounds", type=int, default=10, help="turns of each side")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
    elif options.against:
        against(options.against, options.rounds)
    else:
        growth([int(count) for count in options.counts.split(",")])


if __name__ == "__main__":
    main()

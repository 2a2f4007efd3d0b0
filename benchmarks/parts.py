"""Where the time of a submission goes, and how the cost grows: `python benchmarks/parts.py`.

Grades so many right submissions, one after another, in one warm grader, all checks but training. Prints for
each count the CPU time a submission of this process (pytest, references, judging) and of the sandbox (the
zygote's forks, the student's code), and how much of the wall time was spent inside checks.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import psutil

from autograder.grading import Grader, Options
from autograder.lab import load_lab
from autograder.submission import Submission

ROOT = Path(__file__).resolve().parent.parent


def cpu() -> tuple[float, float, float]:
    """CPU seconds so far: of this process, of the zygote, of the children that it has reaped."""
    own = psutil.Process()
    times = [child.cpu_times() for child in own.children()]
    mine = own.cpu_times()
    zygote = sum(t.user + t.system for t in times)
    return mine.user + mine.system, zygote, sum(t.children_user + t.children_system for t in times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", default="20,40,80")
    counts = [int(count) for count in parser.parse_args().counts.split(",")]
    lab = load_lab(ROOT)
    sources = {name: (ROOT / "solutions" / f"{name}.py").read_text() for name in lab.modules}
    with Grader(lab, Options(training=False, device="cpu")) as grader:

        def grade(name: str) -> float:
            own = {**sources, "convolution": f"{sources['convolution']}\n# {name}\n"}
            result = grader.grade(Submission(name, own, digest=name))
            return sum(check.seconds for question in result.questions for check in question.checks)

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


if __name__ == "__main__":
    main()

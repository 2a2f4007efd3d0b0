"""Memory of one warm grader over many submissions: `python benchmarks/batch_memory.py --count 100`.

Grades submissions one after another, all questions but the training one, and prints this process's and its
zygote's resident memory on the way.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import psutil

from autograder.grading import Grader, Options
from autograder.lab import load_lab
from autograder.submission import Submission

ROOT = Path(__file__).resolve().parent.parent


def resident(process: psutil.Process) -> str:
    return f"{process.memory_info().rss / 2**20:.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100)
    given = parser.parse_args()
    lab = load_lab(ROOT)
    sources = {name: (ROOT / "solutions" / f"{name}.py").read_text() for name in lab.modules}
    with Grader(lab, Options(device="cpu", training=False)) as grader:
        own = psutil.Process()
        for n in range(given.count + 1):
            if n % max(given.count // 5, 1) == 0:
                zygotes = ", ".join(resident(child) for child in own.children())
                print(f"after {n}: {resident(own)} MiB here, {zygotes} MiB in the zygote", flush=True)
            own_sources = {**sources, "convolution": f"{sources['convolution']}\n# {n}\n"}
            grader.grade(Submission(f"s{n}", own_sources, digest=str(n)))


if __name__ == "__main__":
    main()

"""A cluster at work, and failing: `python benchmarks/cluster.py`.

    python benchmarks/cluster.py --mixed 100     # mixed submissions, two of three workers killed
    python benchmarks/cluster.py --fake 30000    # results faked: the client's memory and time

The second fakes the results and nothing else. It shows what the client's memory and time do as a class grows.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "assignment"), str(ROOT / "tests"), str(ROOT / "benchmarks")]

import on_a_worker  # noqa: E402
from clusters import running  # noqa: E402
from outcomes import outcome  # noqa: E402

from autograder.batch import collect, grade_all  # noqa: E402
from autograder.batch.cluster import remote_lanes  # noqa: E402
from autograder.grade import Grade  # noqa: E402
from autograder.grading import Grader, Options  # noqa: E402
from autograder.lab import load_lab  # noqa: E402

OPTIONS = Options(training=False, device="cpu")
STEPS = 10


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for all of it."""
    with tempfile.TemporaryDirectory(prefix="convlab-") as name:
        yield Path(name)


def mixed(count: int) -> bool:
    """Grade a class over three workers of which two are killed, and here; whether all grades are the same."""
    lab = load_lab(ROOT)
    grader = Grader(lab, OPTIONS)
    with scratch() as folder:
        (folder / "class").mkdir()
        written = importlib.import_module("classroom").write_class(folder / "class", count)
        print(dict(written), flush=True)
        far, near = folder / "far", folder / "near"
        with running(folder, 3) as cluster, remote_lanes(cluster.address, grader) as ready:
            done = 0
            for _ in grade_all(collect([folder / "class"], lab, far), grader, far, ready):
                done += 1
                if done in (count // 4, count // 2):
                    cluster.workers[done // (count // 2)].kill()
                    print(f"after {done}: a worker was killed", flush=True)
        with grader:
            for _ in grade_all(collect([folder / "class"], lab, near), grader, near):
                pass
        same = outcome(far) == outcome(near)
    print(f"{done} of {count} graded over the cluster; {'the same' if same else 'NOT THE SAME'} as here")
    return same and done == count


def write_small_class(folder: Path, count: int) -> None:
    """So many small submissions."""
    names = load_lab(ROOT).module_files
    for n in range(count):
        place = folder / f"{n:06}"
        place.mkdir(parents=True)
        for name in names:
            (place / name).write_text(f"# {name} of {n}\n", "utf-8")


def fake(count: int) -> list[tuple[int, float, float]]:
    """Have results made up for a class; a row for each tenth: how many, MiB of this process, ms each."""
    lab, rows = load_lab(ROOT), []
    with Grader(lab, OPTIONS) as grader:
        item = on_a_worker.right_grade(grader)
    own, grader = psutil.Process(), Grader(lab, OPTIONS)
    with scratch() as folder:
        (folder / "grade.json").write_text(item.to_json(), "utf-8")
        os.environ["TEST_GRADE"] = str(folder / "grade.json")
        write_small_class(folder / "class", count)
        with (
            running(folder, 2) as cluster,
            remote_lanes(cluster.address, grader, perform=on_a_worker.made_up) as ready,
        ):
            started, out = time.process_time(), folder / "out"
            run = grade_all(collect([folder / "class"], lab, out), grader, out, ready)
            for done, found in enumerate(run, start=1):
                assert isinstance(found.result, Grade), found.result
                if done % max(1, count // STEPS) == 0:
                    spent, started = time.process_time() - started, time.process_time()
                    rows.append((done, own.memory_info().rss / 2**20, 1000 * spent / (count // STEPS)))
                    print("{:8} submissions  {:6.0f} MiB  {:6.2f} CPU ms each".format(*rows[-1]), flush=True)
    return rows


def main() -> int:
    """Print what was asked for; 1 where a grade is another."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mixed", type=int, default=0, metavar="COUNT")
    parser.add_argument("--fake", type=int, default=0, metavar="COUNT")
    parser.add_argument("--json", type=Path, help="write the rows of --fake there")
    options = parser.parse_args()
    if options.fake:
        rows = fake(options.fake)
        if options.json:
            options.json.write_text(json.dumps(rows), "utf-8")
    return 0 if not options.mixed or mixed(options.mixed) else 1


if __name__ == "__main__":
    sys.exit(main())

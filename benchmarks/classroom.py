"""A class, graded in one command: `python benchmarks/classroom.py FOLDER --count 300 --jobs 1,2 --kill 10`.

Writes so many submissions in a realistic mix (right, wrong, hanging, crashing, huge, unreadable), grades
them with each number of jobs, and once more while it kills the run with SIGKILL on the way and goes on.
Prints the times, the share of them that the checks themselves took, and whether all runs gave the same
grades, byte for byte but for what the clock says.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "examples"))

from make import with_body, with_function, write_folder, write_zip  # noqa: E402

from autograder.grade import Grade  # noqa: E402
from autograder.gradebook import timeless  # noqa: E402
from autograder.lab import load_lab  # noqa: E402
from autograder.release.package import Files  # noqa: E402
from autograder.release.selftest import handed_in  # noqa: E402
from autograder.release.sources import cut_lab  # noqa: E402
from autograder.release.student import solution_files, student_files  # noqa: E402

HANG = "    while True:\n        pass\n"
FUNCTIONS = {
    "model.py": ["build_model"],
    "training.py": ["make_loss", "make_optimizer", "train_one_epoch", "evaluate"],
    "convolution.py": ["compute_convolution_at_position", "apply_convolution"],
    "gradient.py": ["conv_gradient_wrt_input", "gradient_ascent"],
}
Kind = Callable[[Files, Files], Files]


def _changed(module: str, function: str, body: str) -> Kind:
    def make(perfect: Files, stub: Files) -> Files:
        return {**perfect, module: with_body(perfect[module], function, body)}

    return make


def _half(perfect: Files, stub: Files) -> Files:
    text = with_function(perfect["gradient.py"], "gradient_ascent", stub["gradient.py"])
    return {**perfect, "gradient.py": text, "model.py": stub["model.py"]}


def _hangs_everywhere(perfect: Files, stub: Files) -> Files:
    files = dict(perfect)
    for module, functions in FUNCTIONS.items():
        for function in functions:
            files[module] = with_body(files[module], function, HANG)
    return files


KINDS: dict[str, tuple[int, Kind]] = {
    "right": (44, lambda perfect, stub: perfect),
    "stub": (4, lambda perfect, stub: stub),
    "half": (12, _half),
    "flipped": (8, _changed("convolution.py", "apply_convolution", "    return img.flip(0)\n")),
    "slow-lr": (
        8,
        _changed("training.py", "make_optimizer", "    return torch.optim.SGD(model.parameters(), 1)\n"),
    ),
    "hang": (2, _changed("convolution.py", "apply_convolution", HANG)),
    "hang-all": (1, _hangs_everywhere),
    "crash": (3, _changed("gradient.py", "conv_gradient_wrt_input", "    import os\n\n    os._exit(1)\n")),
    "memory": (3, _changed("gradient.py", "gradient_ascent", "    return torch.zeros(1 << 40), []\n")),
    "flood": (3, _changed("model.py", "build_model", "    print('x' * 10**8)\n")),
    "huge": (2, lambda perfect, stub: {**perfect, "model.py": b"#" * (2 << 20)}),
    "syntax": (4, lambda perfect, stub: {**perfect, "training.py": b"def (:\n"}),
}
"""How many of 100 there are of each kind; the rest cannot be read."""


def write_class(folder: Path, count: int, chosen: Sequence[str] = ()) -> Counter[str]:
    """Write `count` submissions of the chosen kinds or of all; how many there are of each.

    The same arguments give the same submissions.
    """
    lab = load_lab(ROOT)
    cut = cut_lab(lab)
    perfect, stub = (handed_in(files(cut), lab) for files in (solution_files, student_files))
    wheel = [kind for kind, (share, _) in KINDS.items() for _ in range(share)]
    wheel += ["unreadable"] * (100 - len(wheel))
    wheel = [kind for kind in wheel if not chosen or kind in chosen]
    random.Random(6).shuffle(wheel)
    kinds = [wheel[n % len(wheel)] for n in range(count)]
    for n, kind in enumerate(kinds):
        name = f"{n:04}-{kind}"
        if kind == "unreadable":
            (folder / f"{name}.zip").write_bytes(b"PK\3\4 cut off" if n % 2 else b"")
            continue
        files = KINDS[kind][1](perfect, stub)
        files = {**files, "convolution.py": files["convolution.py"] + f"\n# student {n}\n".encode()}
        (write_folder if n % 5 == 0 else write_zip)(folder / (name if n % 5 == 0 else f"{name}.zip"), files)
    return Counter(kinds)


def command(given: Path, out: Path, jobs: int, more: Sequence[str]) -> list[str]:
    convlab = [sys.executable, "-m", "autograder.cli", "grade"]
    return [*convlab, str(given), "--out", str(out), "--jobs", str(jobs), *more]


def finish(given: Path, out: Path, jobs: int, more: Sequence[str]) -> float:
    """Grade to the end; seconds. SystemExit when the run ends otherwise than it must."""
    started = time.monotonic()
    done = subprocess.run(command(given, out, jobs, more), capture_output=True, text=True, cwd=ROOT)
    if done.returncode not in (0, 2):
        raise SystemExit(f"exit status {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.monotonic() - started


def finish_in_spite(given: Path, out: Path, jobs: int, more: Sequence[str], kills: int, count: int) -> None:
    """Kill the run so many times, each time when some more grades are there; then go on to the end."""
    dice = random.Random(kills)
    goals = sorted(dice.sample(range(1, max(count * 3 // 4, kills + 1)), kills))
    for number, goal in enumerate(goals, 1):
        run = subprocess.Popen(command(given, out, jobs, more), stdout=subprocess.DEVNULL, cwd=ROOT)
        while run.poll() is None and len(list(out.glob("*/grade.json"))) < goal:
            time.sleep(0.05)
        time.sleep(dice.random())
        run.send_signal(signal.SIGKILL)
        run.wait()
        print(f"  killed {number} of {kills}: {len(list(out.glob('*/grade.json')))} grades there", flush=True)
    finish(given, out, jobs, more)


def outcome(out: Path) -> dict[str, str]:
    """Every grade without times, and the table."""
    found = {}
    for path in sorted(out.glob("*/grade.json")):
        grade = Grade.model_validate_json(path.read_text())
        found[path.parent.name] = json.dumps(timeless(grade))
    return {**found, "grades.csv": (out / "grades.csv").read_text()}


def compute(out: Path) -> float:
    """Seconds that the checks themselves took, over all submissions."""
    grades = [Grade.model_validate_json(path.read_text()) for path in out.glob("*/grade.json")]
    return sum(check.seconds for grade in grades for question in grade.questions for check in question.checks)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], epilog="Other options go to convlab grade: --no-training, --only"
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=300)
    cores = len(os.sched_getaffinity(0))
    parser.add_argument("--jobs", default=str(cores), help="one number, or several: 1,2")
    parser.add_argument("--kill", type=int, default=0)
    parser.add_argument(
        "--kinds", type=lambda text: text.split(","), default=[], help="some alone: right,half"
    )
    given, more = parser.parse_known_args()
    shutil.rmtree(given.folder, ignore_errors=True)
    submissions = given.folder / "submissions"
    submissions.mkdir(parents=True)
    kinds = write_class(submissions, given.count, given.kinds)
    print(f"{given.count} submissions: {', '.join(f'{n} {kind}' for kind, n in kinds.most_common())}")
    numbers = [int(number) for number in given.jobs.split(",")]
    times, outcomes = {}, []
    for jobs in numbers:
        out = given.folder / f"jobs-{jobs}"
        times[jobs] = finish(submissions, out, jobs, more)
        outcomes.append(outcome(out))
        own = compute(out)
        each = times[jobs] / given.count
        print(
            f"{jobs} jobs: {times[jobs]:.1f} s, {each:.2f} s a submission; the checks' own {own:.1f} s; "
            f"jobs x time / checks' own: {jobs * times[jobs] / own:.2f}",
            flush=True,
        )
    for jobs in numbers[1:]:
        print(f"{numbers[0]} jobs take {times[numbers[0]] / times[jobs]:.2f} times as long as {jobs}")
    if given.kill:
        out = given.folder / "killed"
        finish_in_spite(submissions, out, numbers[-1], more, given.kill, given.count)
        outcomes.append(outcome(out))
    rows = outcomes[0]["grades.csv"].count("\n") - 1
    same = all(one == outcomes[0] for one in outcomes)
    print(f"grades or named reasons: {rows} of {given.count}; {len(outcomes)} runs gave the same: {same}")
    if not same or rows != given.count:
        raise SystemExit(1)


if __name__ == "__main__":
    main()

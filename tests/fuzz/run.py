"""Fuzz one target after another: with atheris where it is installed, else with hypothesis.

    python tests/fuzz/run.py [--seconds 60] [TARGET ...]

The targets stand in targets.py. What was found is printed; the status is 1 if anything was.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
import traceback
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE)]
TARGETS = ("frame", "stream", "archive", "folder", "module", "notebook", "replies")
BLIND = ("replies",)
"""Targets that take a seed for a random generator: their coverage guides nobody."""


def main() -> int:
    """Run the targets asked for; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=60)
    asked = parser.parse_args()
    if unknown := set(asked.targets) - set(TARGETS):
        parser.error(f"there is no target {', '.join(sorted(unknown))}")
    return 1 if [name for name in asked.targets or TARGETS if not _held(name, asked.seconds)] else 0


def _held(name: str, seconds: int) -> bool:
    """Fuzz one target for so long; whether it held."""
    if name in BLIND or find_spec("atheris") is None:
        return _at_random(name, seconds)
    with tempfile.TemporaryDirectory(prefix="convlab-") as folder:
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        command = [sys.executable, __file__, "--guided", name, str(corpus), f"-max_total_time={seconds}"]
        done = subprocess.run([*command, "-rss_limit_mb=4096"], capture_output=True, text=True, cwd=folder)
    lines = [line for line in done.stderr.splitlines() if line.startswith(("Done ", "stat::"))]
    print(
        f"{name}: {lines[0] if lines else ''} {'held' if done.returncode == 0 else done.stdout + done.stderr}"
    )
    return done.returncode == 0


def _at_random(name: str, seconds: int) -> bool:
    import targets

    rng, count, end = random.Random(time.time_ns()), 0, time.monotonic() + seconds
    starts = list(targets.seeds(name))
    while time.monotonic() < end:
        data = rng.randbytes(8) if name in BLIND else _changed(rng.choice(starts), rng)
        try:
            targets.TARGETS[name](data)
        except Exception:
            print(f"{name}: {data!r}\n{traceback.format_exc()}")
            return False
        count += 1
    print(f"{name}: {count} runs in {seconds} s, held")
    return True


def _changed(data: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.randint(0, 6)):
        a, b = sorted(rng.randrange(len(data) + 1) for _ in range(2))
        part = rng.choice(
            [b"", rng.randbytes(rng.randint(1, 8)), data[a:b] * 2, bytes([rng.choice((0, 127, 255))])]
        )
        data = (data[:a] + part + data[min(b, a + rng.randint(0, 8)) :])[: 1 << 16]
    return data


def _guided(name: str, arguments: list[str]) -> None:
    """Let atheris fuzz one target in this process; it ends the process."""
    import atheris

    with atheris.instrument_imports(include=["autograder.sandbox.wire", "autograder.submission", "zipfile"]):
        import autograder.sandbox.wire
        import autograder.submission  # noqa: F401
    import targets

    for number, data in enumerate(targets.seeds(name)):
        Path(arguments[0], f"seed-{number}").write_bytes(data)
    atheris.Setup([sys.argv[0], *arguments], targets.TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--guided"]:
        _guided(sys.argv[2], sys.argv[3:])
    else:
        sys.exit(main())

"""All that has to be seen on a real GPU, in one command: `python benchmarks/gpu.py`.

Needs Python 3.11 or 3.12 with torch 2.9 or later for CUDA, and no network: where the other packages are
missing, they are installed from a folder of wheels into an environment of its own beside the results. Make
that folder where there is a network:

    python benchmarks/gpu.py --pack wheels          # for Python 3.11 and 3.12 on Linux x86-64
    python benchmarks/gpu.py --wheels wheels --data MNIST_DIR
    python benchmarks/gpu.py --device cpu --smoke   # what a CPU can show of it, in a minute

Each part is a process with a time budget of its own; what fails or takes too long costs its row. The table is
written to OUT/gpu.md and OUT/gpu.json after each part, so that an interrupted run leaves what it has.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PACKAGES = ("click", "jinja2", "jupytext", "nbformat", "pydantic", "pytest", "pyyaml", "rich")
"""What the grader needs besides torch and NumPy."""
COMPILED = ("3.11", "3.12")
SECONDS = 470.0
SHOWN = 300
"""Characters of one cell."""


@dataclass(frozen=True)
class Part:
    """One process of the run: its seconds, those of a smoke run, and whether it runs beside others.

    Parts of one `turn` run side by side; those that measure speed have a turn to themselves.
    """

    name: str
    turn: int
    seconds: float
    smoke: float = 120.0


PARTS = (
    Part("machine", 0, 40),
    Part("doctor", 1, 90),
    Part("refused", 1, 90),
    Part("training", 1, 120),
    Part("evidence", 1, 120),
    Part("attacks", 1, 120),
    Part("simulated", 1, 60),
    Part("memory", 2, 60),
    Part("slots", 3, 110),
    Part("class", 4, 190),
)


@dataclass
class Table:
    """The rows so far, on disk as soon as they are there."""

    out: Path
    options: dict[str, object]
    rows: list[dict[str, str]] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def add(self, part: str, what: str, result: str, ok: bool | None) -> None:
        """Note one row; `ok` is None where nothing was expected."""
        mark = {True: "as expected", False: "NOT AS EXPECTED", None: ""}[ok]
        row = {"part": part, "what": _cell(what), "result": _cell(result), "verdict": mark}
        with self.lock:
            self.rows.append(row)
            order = [part.name for part in PARTS]
            self.rows.sort(key=lambda row: order.index(row["part"]))
            self._write()
        print(f"{part:<10} {row['what']}: {row['result']} {mark}".rstrip(), flush=True)

    def _write(self) -> None:
        found = {"command": self.options, "rows": self.rows}
        (self.out / "gpu.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
        lines = ["| part | what | result | |", "|---|---|---|---|"]
        lines += [f"| {r['part']} | {r['what']} | {r['result']} | {r['verdict']} |" for r in self.rows]
        (self.out / "gpu.md").write_text("\n".join(lines) + "\n", "utf-8")

    @property
    def failed(self) -> int:
        """Rows that are not as expected."""
        return sum(row["verdict"] == "NOT AS EXPECTED" for row in self.rows)


def _cell(text: str) -> str:
    one_line = " ".join(text.split()).replace("|", "/")
    return one_line if len(one_line) <= SHOWN else f"{one_line[:SHOWN]} ..."


def run_part(part: Part, python: str, deadline: float, options: argparse.Namespace, table: Table) -> None:
    """Run one part in a process group of its own, and note its rows as they come."""
    most = min(part.smoke if options.smoke else part.seconds, deadline - time.monotonic())
    if most < 5:
        table.add(part.name, "all of it", "not run: no time was left", None)
        return
    command = [python, str(HERE / "gpu_parts.py"), part.name, "--device", options.device]
    command += ["--seconds", f"{0.9 * most:.0f}", "--scratch", str(options.out / "scratch" / part.name)]
    command += ["--smoke"] if options.smoke else []
    command += ["--data", str(options.data)] if options.data else []
    log = options.out / f"{part.name}.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=sink, start_new_session=True, cwd=ROOT
        )
        killer = ThreadPoolExecutor(1)
        ended = killer.submit(_ended, process, most)
        assert process.stdout is not None
        for line in process.stdout:
            _note(part.name, line, table)
        why = ended.result()
        killer.shutdown()
    if why:
        said = log.read_text("utf-8", "replace").strip().splitlines()[-1:]
        table.add(part.name, "the rest of it", f"{why} {' '.join(said)}".strip(), False)


def _ended(process: subprocess.Popen[bytes], seconds: float) -> str:
    """Wait for a process, and end its whole group when it takes too long; why it has no good end."""
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        status = None
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # a part may leave helpers behind, however it ends
    process.wait()
    if status is None:
        return f"stopped after {seconds:.0f} s"
    return f"ended with status {status}" if status else ""


def _note(part: str, line: bytes, table: Table) -> None:
    try:
        row = json.loads(line)
        table.add(part, str(row["what"]), str(row["result"]), row["ok"])
    except (ValueError, KeyError, TypeError):
        return  # something else that was printed


# ---- packages ----------------------------------------------------------------------------------------


def missing() -> list[str]:
    """The packages that this interpreter lacks."""

    def lacks(name: str) -> bool:
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            return True
        return False

    return [name for name in PACKAGES if lacks(name)]


def interpreter(options: argparse.Namespace) -> str:
    """A Python that has all packages: this one, or an environment with the wheels and what this one has."""
    lacking = missing()
    if not lacking:
        return sys.executable
    if options.wheels is None:
        raise SystemExit(f"missing: {', '.join(lacking)}; give a folder of wheels: --wheels (see --help)")
    place = options.out / "env"
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    python = place / "bin" / "python"
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    library = Path(subprocess.check_output([str(python), "-c", ask], text=True).strip())
    seen = [entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
    (library / "outer.pth").write_text("\n".join(seen) + "\n", "utf-8")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--no-index", "--find-links", str(options.wheels)]
    subprocess.run([*pip, *lacking], check=True)
    return str(python)


def pack(folder: Path) -> None:
    """Download the wheels of all packages but torch and NumPy, for each Python that is named."""
    pinned = ["--constraint", str(ROOT / "constraints.txt")] if (ROOT / "constraints.txt").is_file() else []
    for version in COMPILED:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:", *pinned]
        command += ["--python-version", version, "--platform", "manylinux_2_17_x86_64"]
        command += ["--platform", "manylinux2014_x86_64", "--dest", str(folder), *PACKAGES]
        subprocess.run(command, check=True)
    print(f"{len(list(folder.glob('*.whl')))} wheels in {folder}")


# ---- the run -----------------------------------------------------------------------------------------


def turns(chosen: Sequence[Part]) -> Iterator[list[Part]]:
    """The parts that run side by side, one turn after the other."""
    for turn in sorted({part.turn for part in chosen}):
        yield [part for part in chosen if part.turn == turn]


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--smoke", action="store_true", help="a little of each part, in a minute")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "gpu")
    parser.add_argument("--data", type=Path, help="all of MNIST, the files compressed or not")
    parser.add_argument("--only", default="", help=f"some of {','.join(part.name for part in PARTS)}")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for all parts together")
    parser.add_argument("--wheels", type=Path, help="a folder of wheels for packages that are missing")
    parser.add_argument("--pack", type=Path, metavar="DIR", help="download these wheels, and end")
    options = parser.parse_args(arguments)
    unknown = set(options.only.split(",")) - {"", *(part.name for part in PARTS)}
    if unknown:
        parser.error(f"--only: unknown part {', '.join(sorted(unknown))}")
    options.out, options.data = options.out.resolve(), options.data and options.data.resolve()
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts; 1 if a row is not as expected."""
    options = parsed(arguments)
    if options.pack:
        pack(options.pack)
        return 0
    deadline = time.monotonic() + options.seconds
    options.out.mkdir(parents=True, exist_ok=True)
    python = interpreter(options)
    chosen = [part for part in PARTS if not options.only or part.name in options.only.split(",")]
    table = Table(options.out, {name: str(value) for name, value in sorted(vars(options).items())})
    for together in turns(chosen):
        side_by_side = 1 if options.device == "cpu" else len(together)
        with ThreadPoolExecutor(side_by_side) as pool:
            list(pool.map(lambda part: run_part(part, python, deadline, options, table), together))
    print(f"{len(table.rows)} rows, {table.failed} not as expected: {options.out / 'gpu.md'}")
    return 1 if table.failed else 0


if __name__ == "__main__":
    sys.exit(main())

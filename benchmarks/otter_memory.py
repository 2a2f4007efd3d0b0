"""Peak memory and CPU time of `otter run` on the perfect submission, all processes it starts included.

Memory is the proportional set size (Pss of /proc/PID/smaps_rollup: shared pages are divided among those that
share them), summed over the whole process tree at each sample. Run as root: without it the sandbox's workers
cannot be read, and their resident size counts instead, which is larger.

    python benchmarks/otter_memory.py [--zip dist/autograder.zip] [--interval 0.05]
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from autograder.lab import Lab, load_lab
from autograder.otter.generate import autograder_files
from autograder.otter.quarantine import trusted_notebook

MB = 10**6
PR_SET_CHILD_SUBREAPER = 36
LIMIT_MB, LIMIT_CPU = 700, 240


def write_zip(target: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target


def perfect(target: Path, lab: Lab) -> Path:
    names = lab.module_files
    files = {name: (lab.root / "solutions" / name).read_bytes() for name in names}
    return write_zip(target, {**files, lab.notebook: trusted_notebook(lab)})


def descendants(root: int) -> list[int]:
    """All processes below `root`, by the parents that /proc names."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found, queue = [], [root]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


def memory(pid: int) -> tuple[int, str]:
    """Proportional set size in bytes (or resident size, where that is refused), and the command."""
    folder = Path(f"/proc/{pid}")
    try:
        command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        try:
            return field(folder / "smaps_rollup", "Pss:"), command
        except PermissionError:
            return field(folder / "status", "VmRSS:"), command + " [resident]"
    except OSError:
        return 0, ""


def field(path: Path, key: str) -> int:
    for line in path.read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1]) * 1024
    return 0


def measure(command: list[str], interval: float) -> tuple[int, int, list[tuple[int, str]]]:
    """Run a command; its exit status, the peak in bytes, and who held how much then."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    peak, holders = 0, []
    while process.poll() is None:
        now = [memory(pid) for pid in descendants(os.getpid())]
        total = sum(size for size, _ in now)
        if total > peak:
            peak, holders = total, now
        time.sleep(interval)
    reap()
    return process.returncode, peak, sorted(holders, reverse=True)


def reap() -> None:
    """Wait for orphans, which came to this process as their subreaper."""
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--zip", type=Path, help="the autograder.zip [default: built from this checkout]")
    parser.add_argument("--interval", type=float, default=0.05, help="seconds between samples")
    options = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    lab = load_lab()
    otter = shutil.which("otter", path=str(Path(sys.executable).parent)) or "otter"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        grader = options.zip or write_zip(folder / "autograder.zip", autograder_files(lab))
        submission = perfect(folder / "perfect.zip", lab)
        command = [otter, "run", str(submission), "-a", str(grader), "-o", str(folder), "--no-logo"]
        started = time.monotonic()
        status, peak, holders = measure(command, options.interval)
        wall = time.monotonic() - started
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = usage.ru_utime + usage.ru_stime
    for size, who in holders:
        print(f"{size / MB:8.1f} MB  {who[:120]}")
    print(f"peak {peak / MB:.0f} MB proportional set size (limit {LIMIT_MB})")
    print(f"CPU time {cpu:.1f} s (limit {LIMIT_CPU}), wall time {wall:.1f} s, exit status {status}")
    return int(status != 0 or peak / MB >= LIMIT_MB or cpu >= LIMIT_CPU)


if __name__ == "__main__":
    sys.exit(main())

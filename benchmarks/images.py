"""autograder.zip on the images of Gradescope: `python benchmarks/images.py`, as root, with a network.

Makes a root file system of each image with debootstrap (kept in --cache), runs setup.sh in it, unattended,
and then every hand-in of tests/gradescope_cases.py through run_autograder, within Gradescope's default 768 MB
and half a CPU where this system lets control groups be made. Prints a table images x cases. For a machine
without the index of torch's CPU builds, `--bind` shows a folder of wheels to the images and `--env` has pip
use it: --bind /opt/wheels --env PIP_FIND_LINKS=/opt/wheels
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "assignment"), str(ROOT / "tests")]

from gradescope_cases import Case, cases  # noqa: E402

from autograder.lab import load_lab  # noqa: E402
from autograder.otter.generate import autograder_files  # noqa: E402
from autograder.release.selftest import handed_in  # noqa: E402
from autograder.release.sources import cut_lab  # noqa: E402
from autograder.release.student import solution_files, student_files  # noqa: E402

IMAGES = {
    "ubuntu-22.04": ("jammy", "http://archive.ubuntu.com/ubuntu", "main,universe"),
    "ubuntu-24.04": ("noble", "http://archive.ubuntu.com/ubuntu", "main,universe"),
    "debian-12": ("bookworm", "http://deb.debian.org/debian", "main"),
}
CONTROL = Path("/sys/fs/cgroup")
NAME = "convlab-images"
MEMORY_MB, SHARE, PERIOD = 768, 50_000, 100_000
GROUPS: list[Path] = []
"""The control groups that a limited command enters: one, or one for each kind of limit in older systems."""
USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LONGEST = 8 * 60.0


@dataclass(frozen=True)
class Image:
    """A root file system, and how to run something in it."""

    name: str
    root: Path
    binds: Sequence[str]
    environ: dict[str, str]

    def make(self) -> None:
        """Have debootstrap make it. CalledProcessError when it cannot."""
        suite, mirror, components = IMAGES[self.name]
        if (self.root / "autograder").is_dir():
            return
        alias = "jammy" if suite == "noble" else suite
        scripts = Path("/usr/share/debootstrap/scripts")
        script = [str(scripts / alias)] if not (scripts / suite).exists() else []
        command = ["debootstrap", "--variant=minbase", f"--components={components}", suite]
        with (self.root.parent / f"{self.name}.log").open("wb") as log:
            subprocess.run(
                [*command, str(self.root), mirror, *script], check=True, stdout=log, stderr=subprocess.STDOUT
            )
        (self.root / "autograder").mkdir()

    @contextlib.contextmanager
    def mounted(self) -> Iterator[None]:
        """With /proc, /dev and the folders that are bound."""
        shutil.copy("/etc/resolv.conf", self.root / "etc" / "resolv.conf")
        places = [("/dev", "dev"), *((path, path.lstrip("/")) for path in self.binds)]
        done = []
        try:
            (self.root / "proc").mkdir(exist_ok=True)
            subprocess.run(["mount", "-t", "proc", "proc", str(self.root / "proc")], check=True)
            done.append("proc")
            for path, place in places:
                (self.root / place).mkdir(parents=True, exist_ok=True)
                subprocess.run(["mount", "--bind", path, str(self.root / place)], check=True)
                done.append(place)
            yield
        finally:
            for place in reversed(done):
                subprocess.run(["umount", "-l", str(self.root / place)], check=True)

    def run(
        self, command: Sequence[str], seconds: float, limited: bool, **environ: str
    ) -> tuple[int | None, str, float]:
        """Run a command in the image: its status (None when it took too long), output and seconds."""
        enter = "".join(f"echo $$ > {group}/cgroup.procs; " for group in GROUPS if limited)
        inside = ["chroot", str(self.root), *command]
        settings = {"PATH": USUAL_PATH, "HOME": "/root", "LANG": "C.UTF-8", **self.environ, **environ}
        started = time.monotonic()
        try:
            done = subprocess.run(
                ["sh", "-c", f'{enter}exec "$@"', "sh", *inside],
                env=settings,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=seconds,
            )
        except subprocess.TimeoutExpired as error:
            return None, (error.stdout or b"").decode("utf-8", "replace"), seconds
        return done.returncode, done.stdout.decode("utf-8", "replace"), time.monotonic() - started


def limits(memory: int) -> str:
    """Make control groups with that memory and Gradescope's share; why that cannot be done, or nothing."""
    try:
        if (CONTROL / "cgroup.subtree_control").is_file():
            (CONTROL / "cgroup.subtree_control").write_text("+memory +cpu")
            _group(CONTROL / NAME, {"memory.max": memory, "cpu.max": f"{SHARE} {PERIOD}"})
        else:
            _group(CONTROL / "memory" / NAME, {"memory.limit_in_bytes": memory})
            _group(CONTROL / "cpu" / NAME, {"cpu.cfs_period_us": PERIOD, "cpu.cfs_quota_us": SHARE})
    except OSError as error:
        return f"no limits of memory and CPU: {error}"
    return ""


def _group(folder: Path, values: dict[str, object]) -> None:
    folder.mkdir(exist_ok=True)
    for name, value in values.items():
        (folder / name).write_text(str(value))
    GROUPS.append(folder)


def set_up(image: Image) -> str:
    """Run setup.sh; what it says in the end."""
    source = image.root / "autograder" / "source"
    shutil.rmtree(source, ignore_errors=True)
    for name, data in autograder_files(load_lab(ROOT)).items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    status, said, seconds = image.run(["bash", "/autograder/source/setup.sh"], 1800, False)
    (image.root.parent / f"{image.name}-setup.log").write_text(said, "utf-8")
    lines = [line for line in said.splitlines() if line.strip()]
    if status != 0:
        return f"failed after {seconds:.0f} s: {lines[-1] if lines else ''}"
    python = next((line.partition(" with ")[2] for line in lines if " with Python" in line), "")
    torch = next((line.strip() for line in lines if line.strip().startswith("torch ")), "")
    return f"ok, {seconds:.0f} s, {python}, {torch}"


def hand_in(image: Image, case: Case, cut: tuple[dict[str, bytes], dict[str, bytes]], limited: bool) -> str:
    """Grade one hand-in; `ok` and its seconds, or what is wrong."""
    base = image.root / "autograder"
    for name in ("submission", "results"):
        shutil.rmtree(base / name, ignore_errors=True)
        (base / name).mkdir()
    for old in base.glob("private-*"):
        shutil.rmtree(old)
    for name, data in case.make(*cut).items():
        path = base / "submission" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    metadata = base / "submission_metadata.json"
    metadata.unlink(missing_ok=True)
    if case.metadata is not None:
        metadata.write_text(case.metadata, "utf-8")
    shutil.copy(base / "source" / "run_autograder", base / "run_autograder")
    extra = {"CONVLAB_DEVICE": "cpu"} | ({} if case.training else {"CONVLAB_NO_TRAINING": "1"})
    status, said, seconds = image.run(["bash", "/autograder/run_autograder"], 600, limited, **extra)
    results = base / "results" / "results.json"
    wrong = case.failures(results.read_text("utf-8")) if results.is_file() else ["no results.json"]
    if status is None:
        wrong.insert(0, "stopped after 600 s")
    if seconds > LONGEST:
        wrong.append(f"{seconds:.0f} s are too long")
    if wrong:
        (image.root.parent / f"{image.name}-{case.name.replace(' ', '-')}.log").write_text(said, "utf-8")
    return "; ".join(wrong) or f"ok, {seconds:.0f} s"


def show(found: dict[str, dict[str, str]]) -> None:
    """Print the table."""
    print(f"| case | {' | '.join(found)} |\n|---|{'---|' * len(found)}")
    rows = dict.fromkeys(case for of_image in found.values() for case in of_image)
    for case in rows:
        print(f"| {case} | {' | '.join(of_image.get(case, '') for of_image in found.values())} |")


def main() -> int:
    """Print the table; 1 when anything is not as expected."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", default=",".join(IMAGES))
    parser.add_argument("--cases", default="", help="some of them, by name, with commas")
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "images")
    parser.add_argument("--memory", type=int, default=MEMORY_MB, help="MB that a hand-in may use")
    parser.add_argument("--bind", action="append", default=[], help="a folder that the images are to see")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    options = parser.parse_args()
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        parser.error("this needs root, and debootstrap")
    options.cache.mkdir(parents=True, exist_ok=True)
    environ = dict(pair.split("=", 1) for pair in options.env)
    chosen = [case for case in cases() if not options.cases or case.name in options.cases.split(",")]
    unlimited = limits(options.memory * 2**20)
    print(unlimited or f"within {options.memory} MB and half a CPU", flush=True)
    lab = load_lab(ROOT)
    files = cut_lab(lab)
    cut = dict(handed_in(solution_files(files), lab)), dict(handed_in(student_files(files), lab))
    found: dict[str, dict[str, str]] = {}
    for name in options.images.split(","):
        image = Image(name, options.cache.resolve() / name, options.bind, environ)
        rows = found.setdefault(name, {})
        try:
            image.make()
        except (OSError, subprocess.CalledProcessError) as error:
            rows["debootstrap"] = f"failed: {error}"
            continue
        with image.mounted():
            rows["setup.sh"] = set_up(image)
            print(f"{name}: setup.sh {rows['setup.sh']}", flush=True)
            if not rows["setup.sh"].startswith("ok"):
                continue
            for case in chosen:
                rows[case.name] = hand_in(image, case, cut, not unlimited)
                print(f"{name}: {case.name}: {rows[case.name]}", flush=True)
            (image.root / "etc" / "hosts").unlink(missing_ok=True)
            rows["no /etc/hosts"] = hand_in(image, next(cases()), cut, not unlimited)
            print(f"{name}: no /etc/hosts: {rows['no /etc/hosts']}", flush=True)
    show(found)
    return int(any(not text.startswith("ok") for rows in found.values() for text in rows.values()))


if __name__ == "__main__":
    sys.exit(main())

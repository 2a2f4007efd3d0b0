"""Runs `convlab grade` in a process of its own, and reads the grade that it leaves."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from pydantic import ValidationError

from autograder.errors import GraderError
from autograder.grade import Grade, Verdict
from autograder.lab import Lab
from autograder.otter.config import PluginSettings
from autograder.otter.quarantine import pack
from autograder.submission import SubmissionError, open_submission

SHIPPED = Path("source/files/convlab")
"""Where autograder.zip holds the package, below otter's autograder folder."""
CLOSED = "submission.zip"
UNREADABLE = "unreadable.txt"
REPORT = "report.txt"
OUT = Path("out/submission")
GRADED = "CONVLAB_GRADED"
"""Environment variable: the private folder of a submission that is quarantined and graded already."""
THRIFTY = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_TRIM_THRESHOLD_": "131072",
    "MALLOC_MMAP_THRESHOLD_": "131072",
}
"""Lets glibc give memory back soon: the whole has to fit into 768 MB (benchmarks/otter_memory.py)."""


class GraderFault(GraderError):
    """No score must be given: the grader failed, not the submission. The text begins with that."""

    def __init__(self, text: str) -> None:
        super().__init__(f"The grader itself failed, not the submission; this is not a score of 0. {text}")


@dataclass(frozen=True)
class Graded:
    """What the grader found out: a grade, or why the submission is `unreadable`. `report` is for staff."""

    grade: Grade | None
    unreadable: str
    report: str

    @classmethod
    def read(cls, private: Path) -> Graded:
        """Read what `grade_quarantined` left in a private folder."""
        if (private / UNREADABLE).exists():
            reason = (private / UNREADABLE).read_text("utf-8")
            return cls(None, reason, f"The submission could not be read: {reason}")
        try:
            grade = Grade.model_validate_json((private / OUT / "grade.json").read_bytes())
            return cls(grade, "", (private / REPORT).read_text("utf-8"))
        except (OSError, ValidationError) as error:
            raise GraderFault(f"It left no readable grade: {error}") from None

    def verdicts(self) -> dict[str, list[tuple[bool, str]]]:
        """By question: whether each check passed, and what the student reads."""
        questions = self.grade.questions if self.grade else ()
        return {
            question.id: [
                (check.verdict is Verdict.PASSED, f"{check.verdict}. {check.message}".strip())
                for check in question.checks
            ]
            for question in questions
            if question.verdict is not Verdict.UNGRADED
        }


def quarantine(submission: Path, base: Path) -> Path:
    """Pack what is in `submission` into a new folder below `base` that no one else can enter; its path."""
    private = Path(mkdtemp(prefix="private-", dir=base))
    try:
        pack(submission, private / CLOSED)
    except SubmissionError as error:
        _unreadable(private, error)
    return private


def grade_quarantined(private: Path, base: Path, lab: Lab, settings: PluginSettings) -> Graded:
    """Grade the quarantined submission in a process of its own. GraderFault when that process fails."""
    if not (private / UNREADABLE).exists():
        try:
            _run(private, package_root(base), settings)
        except GraderFault:
            try:
                open_submission(private / CLOSED, lab)
            except SubmissionError as error:
                _unreadable(private, error)
            else:
                raise
    return Graded.read(private)


def _unreadable(private: Path, error: SubmissionError) -> None:
    reason = str(error).replace(f"{private / CLOSED}: ", "")
    (private / UNREADABLE).write_text(reason, "utf-8")


def package_root(base: Path) -> Path:
    """The folder whose package grades: the one that came with autograder.zip, or else this one."""
    shipped = (base / SHIPPED).resolve()
    if (shipped / "autograder" / "cli.py").is_file():
        return shipped
    return Path(__file__).resolve().parent.parent.parent


def _run(private: Path, root: Path, settings: PluginSettings) -> None:
    out = private / OUT.parent
    command = [
        sys.executable,
        "-P",
        "-m",
        "autograder.cli",
        "grade",
        CLOSED,
        "--one",
        "-v",
        "--out",
        str(out),
    ]
    done = subprocess.run(
        command + options(settings, os.environ),
        cwd=private,
        env=environment(root, os.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if done.returncode != 0:
        raise GraderFault(f"`convlab grade` ended with status {done.returncode}:\n{done.stderr.strip()}")
    lines = [line for line in done.stdout.splitlines() if not line.startswith("results: ")]
    (private / REPORT).write_text("\n".join(lines).rstrip() + "\n", "utf-8")


def options(settings: PluginSettings, environ: Mapping[str, str]) -> list[str]:
    """The options of `convlab grade`: from the environment, or else as otter_config.json sets them."""
    data = environ.get("CONVLAB_DATA") or settings.data
    seed = environ.get("CONVLAB_SEED") or settings.seed
    found = ["--device", environ.get("CONVLAB_DEVICE") or settings.device]
    found += ["--data", str(data)] if data else []
    found += ["--seed", str(seed)] if seed is not None else []
    if environ.get("CONVLAB_NO_TRAINING") or not settings.training:
        found.append("--no-training")
    return found


def environment(root: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of the grader's process: `root` is where package and assignment are found."""
    kept = {key: value for key, value in environ.items() if not key.startswith(("PYTHON", "JPY_", "IPY"))}
    return {
        **kept,
        "PYTHONPATH": str(root),
        "CONVLAB_ROOT": str(root),
        "COLUMNS": "110",
        **THRIFTY,
    }

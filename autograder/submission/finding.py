"""One submission, or a folder of several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.assignment import Assignment
from autograder.submission.choosing import is_notebook, meant
from autograder.submission.source import SubmissionError, reason


def find_submissions(path: Path, assignment: Assignment) -> list[Path]:
    """`path` itself when it is one submission, or else the zips and folders in it, by name."""
    try:
        path.stat()
        if not path.is_dir():
            return [path]
        inside = _inside(path)
        if _is_one(path, inside, assignment):
            return [path]
    except (OSError, ValueError) as error:
        raise SubmissionError(f"{path}: {reason(error)}") from None
    several = [entry for entry in inside if _may_be_submission(entry)]
    if not several:
        files = ", ".join(assignment.module_files)
        raise SubmissionError(f"{path}: holds neither {files} nor any zip or folder to grade")
    return several


def _inside(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if not entry.name.startswith((".", "__")))


def _may_be_submission(entry: Path) -> bool:
    return entry.is_dir() or entry.suffix.lower() == ".zip"


def _is_one(path: Path, inside: Sequence[Path], assignment: Assignment) -> bool:
    """Whether a folder holds modules, here or in the only folder in it, or a notebook and no submission."""
    if any(meant(entry.name, assignment) for entry in inside):
        return True
    folders = [entry for entry in inside if entry.is_dir() and not entry.is_symlink()]
    if len(folders) == 1 == len([entry for entry in inside if _may_be_submission(entry)]):
        return any(meant(entry.name, assignment) or is_notebook(entry.name) for entry in _inside(folders[0]))
    notebook = any(is_notebook(entry.name) for entry in inside)
    zips = any(entry.suffix.lower() == ".zip" for entry in inside)
    return notebook and not zips and not any(_holds_module(folder, assignment) for folder in folders)


def _holds_module(folder: Path, assignment: Assignment) -> bool:
    return any(meant(entry.name, assignment) for entry in _inside(folder))

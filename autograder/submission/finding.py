"""One submission, or a folder of several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.errors import reason
from autograder.lab import Lab
from autograder.submission.choosing import is_notebook, meant
from autograder.submission.source import SubmissionError

ARCHIVES = {".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"}
"""Of these only zips can be read; the others are found, so that no one's work is passed over silently."""


def find_submissions(path: Path, lab: Lab) -> list[Path]:
    """`path` itself when it is one submission, or else the archives and folders in it, by name."""
    try:
        path.stat()
        if not path.is_dir():
            return [path]
        inside = _inside(path)
        if _is_one(path, inside, lab):
            return [path]
    except (OSError, ValueError) as error:
        raise SubmissionError(f"{path}: {reason(error)}") from None
    several = [entry for entry in inside if entry.is_dir() or _is_archive(entry)]
    if not several:
        files = ", ".join(lab.module_files)
        raise SubmissionError(f"{path}: holds neither {files} nor any zip or folder to grade")
    return several


def _inside(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if not entry.name.startswith((".", "__")))


def _is_archive(entry: Path) -> bool:
    return entry.suffix.lower() in ARCHIVES


def _is_one(path: Path, inside: Sequence[Path], lab: Lab) -> bool:
    """Whether a folder holds modules, here or in the only folder in it, or a notebook and no submission."""
    if any(meant(entry.name, lab) for entry in inside):
        return True
    folders = [entry for entry in inside if entry.is_dir() and not entry.is_symlink()]
    archives = any(_is_archive(entry) for entry in inside)
    if not archives and len(folders) == 1 == sum(entry.is_dir() for entry in inside):
        return any(meant(entry.name, lab) or is_notebook(entry.name) for entry in _inside(folders[0]))
    notebook = any(is_notebook(entry.name) for entry in inside)
    return notebook and not archives and not any(_holds_module(folder, lab) for folder in folders)


def _holds_module(folder: Path, lab: Lab) -> bool:
    try:
        return any(meant(entry.name, lab) for entry in _inside(folder))
    except OSError:  # its own row will say why it cannot be read
        return False

"""Which of the files that were handed in count."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.lab import Lab
from autograder.submission.source import Entry, SubmissionError
from autograder.text import printable


def is_notebook(name: str) -> bool:
    """Whether a file is a notebook by its name."""
    return name.endswith(".ipynb")


def meant(name: str, lab: Lab) -> str | None:
    """The module that a file is meant to be: `Model.py`, `model (1).py` and `model.py.txt` are."""
    stem = name.lower()
    for module in lab.modules:
        rest = stem.removeprefix(module)
        if rest != stem and not rest[:1].isalnum() and rest.removesuffix(".txt").endswith(".py"):
            return module
    return None


def _counts(entry: Entry, lab: Lab) -> bool:
    return meant(entry.name, lab) is not None or is_notebook(entry.name)


def chosen(path: Path, found: Sequence[Entry], lab: Lab) -> tuple[list[Entry], tuple[str, ...]]:
    """The files of the one folder that holds the modules, and notes about them."""
    counting = [entry for entry in found if _counts(entry, lab)]
    if not counting:
        raise _nothing(path, found, lab)
    folder = _folder(path, counting, lab)
    here = [entry for entry in counting if entry.folder == folder]
    if not any(is_notebook(entry.name) for entry in here):
        here += [entry for entry in counting if not entry.folder and is_notebook(entry.name)]
    _no_doubles(path, here, lab)
    notes = [f"The files were found in the folder {printable(folder[0])}."] if folder else []
    if others := [entry.shown for entry in counting if entry not in here or _in_vain(entry, here, lab)]:
        notes.append(f"Not read: {some(others)}.")
    return here, tuple(notes)


def _nothing(path: Path, found: Sequence[Entry], lab: Lab) -> SubmissionError:
    files = ", ".join(lab.module_files)
    inner = [entry.shown for entry in found if entry.name.lower().endswith(".zip")]
    do = f"hand in what is in {some(inner)}" if inner else "hand in these files"
    return SubmissionError(f"{path}: holds none of {files}, neither at the top nor one folder down; {do}")


def _in_vain(entry: Entry, here: Sequence[Entry], lab: Lab) -> bool:
    """Whether a file that has almost a module's name is beside that module."""
    module = meant(entry.name, lab)
    return module is not None and f"{module}.py" in {other.name for other in here} - {entry.name}


def _folder(path: Path, counting: Sequence[Entry], lab: Lab) -> tuple[str, ...]:
    """The folder that counts: the top if a module is there, or else the only one that holds any."""
    exact = [entry for entry in counting if entry.name in lab.module_files]
    similar = [entry for entry in counting if not is_notebook(entry.name)]
    folders = sorted({entry.folder for entry in exact or similar or counting})
    if len(folders) > 1 and () not in folders:
        names = some([printable("/".join(folder)) for folder in folders])
        what = "modules" if similar else "notebooks"
        raise SubmissionError(f"{path}: {what} in several folders ({names}); hand in one set of files")
    return folders[0]


def some(names: Sequence[str]) -> str:
    """The first few of some names."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _no_doubles(path: Path, here: Sequence[Entry], lab: Lab) -> None:
    """SubmissionError where it is open which of two files counts."""
    for name in (*lab.module_files, lab.notebook):
        same = [entry.name for entry in here if entry.name.lower() == name.lower()]
        if len(same) > 1:
            what = f"{name} twice" if len(set(same)) == 1 else " and ".join(sorted(set(same)))
            raise SubmissionError(f"{path}: holds {what}; hand in exactly one {name}")

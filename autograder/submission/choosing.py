"""Which of the files that were handed in count."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from autograder.lab import Lab
from autograder.submission.gradescope import METADATA
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


def holds_module(found: Iterable[Entry], lab: Lab) -> bool:
    """Whether a module is among some files."""
    return any(meant(entry.name, lab) for entry in found)


def chosen(path: Path, found: Sequence[Entry], lab: Lab) -> tuple[list[Entry], tuple[str, ...]]:
    """The files of the one folder that holds the modules, and notes about them."""
    counting = [entry for entry in found if _counts(entry, lab)]
    if not counting:
        raise _nothing(path, found, lab)
    folder = _folder(path, counting, found, lab)
    here = [entry for entry in counting if entry.folder == folder]
    if not any(is_notebook(entry.name) for entry in here):
        here += [entry for entry in counting if not entry.folder and is_notebook(entry.name)]
    _no_doubles(path, here, lab)
    notes = [f"The files were found in the folder {printable('/'.join(folder))}."] if folder else []
    names = {entry.name for entry in here}
    taken = {id(entry) for entry in here}
    others = [entry for entry in counting if id(entry) not in taken or _in_vain(entry, names, lab)]
    if others:
        notes.append(f"Not read: {some([entry.shown for entry in others[:FEW]], len(others))}.")
    return here, tuple(notes)


def _nothing(path: Path, found: Sequence[Entry], lab: Lab) -> SubmissionError:
    files = ", ".join(lab.module_files)
    inner = [entry.shown for entry in found if entry.name.lower().endswith(".zip")]
    do = f"hand in what is in {some(inner)}" if inner else "hand in these files"
    return SubmissionError(f"{path}: holds none of {files}, neither at the top nor in a folder; {do}")


def _in_vain(entry: Entry, names: Collection[str], lab: Lab) -> bool:
    """Whether a file that has a module's name but for a detail is beside that module."""
    module = meant(entry.name, lab)
    return module is not None and f"{module}.py" != entry.name and f"{module}.py" in names


def _folder(path: Path, counting: Sequence[Entry], found: Sequence[Entry], lab: Lab) -> tuple[str, ...]:
    """The folder that counts: of those that hold modules the highest, which must be the only one there."""
    exact = [entry for entry in counting if entry.name in lab.module_files]
    similar = [entry for entry in counting if not is_notebook(entry.name)]
    folders = {entry.folder for entry in exact or similar or counting}
    level = min(map(len, folders))
    highest = sorted(folder for folder in folders if len(folder) == level)
    if len(highest) > 1:
        names = some([printable("/".join(folder)) for folder in highest])
        what = "modules" if similar else "notebooks"
        text = f"{path}: {what} in several folders ({names}); hand in one set of files"
        raise SubmissionError(f"{text}{_perhaps_an_export(found)}")
    return highest[0]


def _perhaps_an_export(found: Sequence[Entry]) -> str:
    """What to do where this is a whole class that was taken for one submission; "" where it cannot be."""
    if any(entry.name == METADATA and len(entry.parts) <= 2 for entry in found):
        return ". If it is Gradescope's export of a class, name it as a PATH of its own"
    return ""


FEW = 5
"""So many names are shown of a list."""


def some(names: Sequence[str], count: int | None = None) -> str:
    """The first few of some names; `count` is how many there are, where only these are given."""
    more = (len(names) if count is None else count) - FEW
    return ", ".join(names[:FEW]) + (f" and {more} more" if more > 0 else "")


def _no_doubles(path: Path, here: Sequence[Entry], lab: Lab) -> None:
    """SubmissionError where it is open which of two files counts."""
    for name in (*lab.module_files, lab.notebook):
        same = [entry.name for entry in here if entry.name.lower() == name.lower()]
        if len(same) > 1:
            what = f"{name} twice" if len(set(same)) == 1 else " and ".join(sorted(set(same)))
            raise SubmissionError(f"{path}: holds {what}; hand in exactly one {name}")

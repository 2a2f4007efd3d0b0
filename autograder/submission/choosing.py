"""Which of the files that were handed in count."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.handin import naming
from autograder.handin.naming import is_notebook
from autograder.lab import Lab
from autograder.submission.gradescope import METADATA
from autograder.submission.source import Entry, SubmissionError
from autograder.text import FEW, printable, some

ARCHIVES = {".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"}
"""RAR and 7z cannot be read; they are found, so that nobody's work is passed over in silence."""


def is_archive(name: str) -> bool:
    """Whether a file is an archive of any kind by its name."""
    return Path(name).suffix.lower() in ARCHIVES


def meant(name: str, lab: Lab) -> str | None:
    """The module that a file is meant to be: `Model.py`, `model (1).py` and `model.py.txt` are."""
    return naming.meant(name, lab.modules)


def counts(entry: Entry, lab: Lab) -> bool:
    """Whether a file is a module or a notebook, by whatever name."""
    return meant(entry.name, lab) is not None or is_notebook(entry.name)


def holds_module(found: Iterable[Entry], lab: Lab) -> bool:
    """Whether a module is among some files."""
    return any(meant(entry.name, lab) for entry in found)


@dataclass(frozen=True)
class Chosen:
    """The files of the folder that counts, the notebooks that may count, and others that were meant to."""

    folder: tuple[str, ...]
    files: list[Entry]
    notebooks: list[Entry]
    counting: list[Entry]

    def notes(self, read: Collection[Entry], lab: Lab) -> list[str]:
        """What to say of where the files were, and of those that were not read."""
        found = printable("/".join(self.folder))
        notes = [f"The files were found in the folder {found}."] if self.folder else []
        taken, here = {id(entry) for entry in read}, {entry.name for entry in self.files}
        left = [
            entry
            for entry in self.counting
            if id(entry) not in taken and not self._said_already(entry, here, lab)
        ]
        return notes + (
            [f"Not read: {some([e.shown for e in left[:FEW]], count=len(left))}."] if left else []
        )

    def _said_already(self, entry: Entry, here: Collection[str], lab: Lab) -> bool:
        """Whether a file of this folder has a message of its own: its module is missing."""
        module = meant(entry.name, lab)
        return module is not None and entry.folder == self.folder and f"{module}.py" not in here


def chosen(path: Path, found: Sequence[Entry], lab: Lab) -> Chosen:
    """The files of the one folder that holds the modules. SubmissionError where none does, or several do."""
    counting = [entry for entry in found if counts(entry, lab)]
    if not counting:
        raise _nothing(path, found, lab)
    folder = _folder(path, counting, found, lab)
    files = [entry for entry in found if entry.folder == folder]
    books = [entry for entry in counting if is_notebook(entry.name)]
    notebooks = [entry for entry in books if entry.folder == folder]
    notebooks = notebooks or [entry for entry in books if not entry.folder] or books
    elsewhere = [book for book in notebooks if book.folder != folder]
    _no_doubles(path, [*files, *elsewhere], lab)
    return Chosen(folder, files, notebooks, counting)


def _nothing(path: Path, found: Sequence[Entry], lab: Lab) -> SubmissionError:
    files = ", ".join(lab.module_files)
    inner = [entry.shown for entry in found if entry.name.lower().endswith(".zip")]
    do = f"hand in what is in {some(inner)}" if inner else "hand in these files"
    return SubmissionError(f"{path}: holds none of {files}, neither at the top nor in a folder; {do}")


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


def _no_doubles(path: Path, here: Sequence[Entry], lab: Lab) -> None:
    """SubmissionError where it is open which of two files counts."""
    for name in (*lab.module_files, lab.notebook):
        same = [entry.name for entry in here if entry.name.lower() == name.lower()]
        if len(same) > 1:
            what = f"{name} twice" if len(set(same)) == 1 else " and ".join(sorted(set(same)))
            raise SubmissionError(f"{path}: holds {what}; hand in exactly one {name}")

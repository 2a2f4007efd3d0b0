"""One submission, or a folder of several."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from autograder.errors import reason
from autograder.handin.naming import is_notebook
from autograder.lab import Lab
from autograder.submission.choosing import is_archive, meant
from autograder.submission.source import SubmissionError
from autograder.text import printable

TEXTS = {".txt", ".md", ".rst", ".log", ".yml", ".yaml", ".toml", ".json", ".xml"}
BESIDE = TEXTS | {".csv", ".tsv", ".xls", ".xlsx", ".ods", ".ini", ".db", ".url", ".lnk"}
"""What files end in that people and platforms put beside hand-ins, and that no one hands in."""
NAMED = frozenset({"readme", "license", "index", "manifest", "icon\r", "makefile"})
MAX_FOLDERS = 50
"""In so many of a folder's folders it is looked whether they hold a module."""


Tell = Callable[[str], None]
"""Where sentences go that a person should read."""


def silent(_: str) -> None:
    """Passes a sentence over."""


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
    several = [entry for entry in inside if entry.is_dir() or is_archive(entry.name)]
    if not several:
        files = ", ".join(lab.module_files)
        raise SubmissionError(f"{path}: holds neither {files} nor any zip or folder to grade")
    return several


def loose_files(path: Path, several: Collection[Path], lab: Lab) -> list[str]:
    """The files beside several submissions in a folder that somebody could have handed in."""
    names = {entry.name for entry in _inside(path)} - {entry.name for entry in several}
    return sorted(name for name in names if not is_beside(name, lab))


def is_beside(name: str, lab: Lab) -> bool:
    """Whether a file is nobody's hand-in by its name: what systems leave, lists, tables, a README."""
    if meant(name, lab) or is_notebook(name):
        return False
    path = Path(name)
    return path.suffix.lower() in BESIDE or path.stem.casefold() in NAMED or name.startswith((".", "~$"))


def why_loose(name: str, lab: Lab) -> str:
    """What is wrong with a single file beside the submissions of a class, and what to do."""
    if meant(name, lab) or is_notebook(name) or name.lower().endswith(".py"):
        return (
            "a single file beside other submissions is not graded; put all that is one person's into a "
            "folder of its own"
        )
    kind = Path(name).suffix.lower() or "this kind of file"
    files = ", ".join(lab.module_files)
    return f"{printable(kind)} cannot be graded; ask for a .zip or a folder with {files}"


def _inside(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if not entry.name.startswith((".", "__")))


def one_by_its_modules(modules: int, others: int) -> bool:
    """Whether a folder is one submission, by its modules and by how many others could be in it.

    Modules make it one. Only where there are two or more others, and more than modules, these are a class,
    and the modules are strays.
    """
    return modules > 0 and not (others > 1 and others > modules)


def _is_one(path: Path, inside: Sequence[Path], lab: Lab) -> bool:
    """Whether a folder holds modules, here or in the only folder in it, or a notebook and no submission."""
    folders = [entry for entry in inside if entry.is_dir() and not entry.is_symlink()]
    archives = sum(is_archive(entry.name) for entry in inside)
    modules = {meant(entry.name, lab) for entry in inside} - {None}
    if modules:
        others = archives + sum(_holds_module(folder, lab) for folder in folders)
        return one_by_its_modules(len(modules), others)
    if not archives and len(folders) == 1 == sum(entry.is_dir() for entry in inside):
        return any(meant(entry.name, lab) or is_notebook(entry.name) for entry in _inside(folders[0]))
    notebook = any(is_notebook(entry.name) for entry in inside)
    return notebook and not archives and not any(_holds_module(folder, lab) for folder in folders)


def _holds_module(folder: Path, lab: Lab, depth: int = 2) -> bool:
    """Whether a folder holds a module, or a folder in it does."""
    try:
        inside = _inside(folder)
        if any(meant(entry.name, lab) for entry in inside):
            return True
        return depth > 1 and any(
            _holds_module(entry, lab, depth - 1)
            for entry in inside[:MAX_FOLDERS]
            if entry.is_dir() and not entry.is_symlink()
        )
    except OSError:  # its own row will say why it cannot be read
        return False

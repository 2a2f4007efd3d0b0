"""Writes a new lab: the example lab under another name, as a skeleton to start from."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from autograder.contract import page_bytes
from autograder.errors import UsageError
from autograder.files import write_whole
from autograder.lab import Lab, LabError, is_lab_package, load_lab
from autograder.release.sources import cut_lab
from autograder.release.student import student_files, write

INSTALLED = Path(__file__).resolve().parent.parent / "skeleton"
"""Where the wheel holds the example lab (setup.py puts it there)."""
CHECKOUT = Path(__file__).resolve().parents[2] / "examples" / "tinylab"
EXAMPLE = "tinylab"
"""The example's name, which the new lab's takes the place of."""
PARTS = ("assignment", "solutions")
"""What of a lab is written by people; student/ is cut from it."""
_LEFT_OUT = {"__pycache__", ".pytest_cache", ".ipynb_checkpoints"}
_SET_ASIDE = {"student", "tests", "data", "figures"}
"""Names that a student's folder uses."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def new_lab(path: Path) -> Lab:
    """Write a lab into the empty or missing folder `path`, whose last part becomes the lab's name.

    UsageError when the name cannot be a package's or the folder is in use; LabError when the skeleton is
    missing from this installation.
    """
    folder = path.absolute()
    files = skeleton(folder.name)
    _check_name(folder.name, files)
    try:
        _check_empty(folder)
        for name, content in files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        lab = load_lab(folder)
        write(student_files(cut_lab(lab)), lab.student)
        if (contract := page_bytes(lab)) is not None:
            write_whole(lab.contract_page, contract)
    except OSError as error:
        raise UsageError(f"{error.filename or folder}: {error.strerror}") from None
    return lab


def skeleton(name: str) -> dict[str, bytes]:
    """The files of a new lab of this name, by path in it. LabError when there is no skeleton here."""
    source = next((place for place in (INSTALLED, CHECKOUT) if place.is_dir()), None)
    if source is None:
        raise LabError(f"{INSTALLED}: the skeleton of a lab is missing; reinstall convlab")
    files = {}
    for path in sorted(path for part in PARTS for path in (source / part).rglob("*")):
        place = path.relative_to(source).as_posix()
        if path.is_file() and not _LEFT_OUT & set(path.parts):
            files[_renamed(place, name)] = _renamed(path.read_text("utf-8"), name).encode()
    return files


def _renamed(text: str, name: str) -> str:
    """A text with the new lab's name in it."""
    return text.replace(EXAMPLE, name).replace(EXAMPLE.capitalize(), name.capitalize())


def _check_name(name: str, files: Iterable[str]) -> None:
    """Refuse what cannot be the name of the lab's package, or is the name of something else already."""
    why = ""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        why = (
            "it names a Python package, so it must begin with a lower-case letter and hold only lower-case "
            "letters, numbers and underscores"
        )
    elif name in sys.stdlib_module_names:
        why = "Python has a module of that name"
    elif name in _SET_ASIDE or f"solutions/{name}.py" in files:
        why = "a file or folder of the lab has that name"
    elif _is_installed(name):
        why = "an installed package has that name"
    if why:
        raise UsageError(f"{name!r} cannot be a lab's name: {why}; choose another folder, `lab7` for example")


def _is_installed(name: str) -> bool:
    """Whether an import of this name finds a module; a folder that happens to be here, or a lab, is none."""
    try:
        found = find_spec(name)
    except (ImportError, ValueError):
        return True
    return found is not None and found.origin is not None and not is_lab_package(Path(found.origin))


def _check_empty(folder: Path) -> None:
    """Refuse a folder that holds something, or a path that is no folder."""
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise UsageError(f"{folder} is in use; name a folder that is empty or does not exist yet")

"""What students get, and what staff get beside it: every file from an allow-list, nothing by default."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from nbformat import NotebookNode

from autograder.checking.catalog import catalog
from autograder.files import write_all_or_nothing
from autograder.lab import Lab, LabError
from autograder.lab.facts import filled
from autograder.lab.rubric import rubric
from autograder.otter.generate import student_tests
from autograder.release.notebooks import to_bytes
from autograder.release.package import Files, read
from autograder.release.sources import CutLab
from autograder.release.template import read_template

IGNORED = frozenset({"__pycache__", ".ipynb_checkpoints", ".pytest_cache", ".OTTER_LOG", ".venv"})
"""What work in the folder leaves behind."""

_FIGURE = re.compile(r"\bfigures/([\w.-]+)")
_STAFF_FIGURE = "solution-"
_TEXTS = (".md", ".txt", ".ini", ".toml", ".cfg")
"""Hand-out files in which facts are filled in."""


def student_files(cut: CutLab, table: bytes | None = None) -> Files:
    """Everything in the students' folder; with a `table` of known mistakes that is there already."""
    files = {name: part.question.encode() for name, part in cut.modules.items()}
    files[cut.lab.notebook] = to_bytes(cut.notebooks.question)
    files |= _common(cut, cut.table if table is None else table)
    files |= _figures(cut.lab, cut.notebooks.question)
    return dict(sorted(files.items()))


def solution_files(cut: CutLab) -> Files:
    """Everything in the solutions' folder: both sources without markers, and what they need to run."""
    files = {name: part.solution.encode() for name, part in cut.modules.items()}
    files[cut.lab.notebook] = to_bytes(cut.notebooks.solution)
    files |= _common(cut, cut.table)
    files |= _figures(cut.lab, cut.notebooks.solution, staff=True)
    if cut.lab.rubric.is_file():
        files["rubric.md"] = rubric(cut.lab).encode()
    return dict(sorted(files.items()))


def _common(cut: CutLab, table: bytes) -> Files:
    """What both folders hold: hand-out and data files, the public checks and what these need."""
    lab = cut.lab
    files = {name: read(lab.folder / name) for name in lab.data}
    folder = lab.folder / "handout"
    for name in lab.handout:
        data = read(folder / name)
        if name.endswith(_TEXTS):
            data = filled(read_template(folder / name), cut.facts, f"assignment/handout/{name}").encode()
        files[name] = data
    files[f"{lab.name}/public/mistakes.json"] = table
    return files | cut.package | student_tests(lab, catalog(lab, hidden=False))


def _figures(lab: Lab, notebook: NotebookNode, *, staff: bool = False) -> Files:
    """The figures that the notebook shows."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    names = sorted(set(_FIGURE.findall(text)))
    for name in names:
        if name.startswith(_STAFF_FIGURE) and not staff:
            raise LabError(f"the students' notebook shows figures/{name}, which is part of a solution")
    return {f"figures/{name}": read(lab.folder / "figures" / name) for name in names}


# --- the folder ------------------------------------------------------------------------------------------


def write(files: Mapping[str, bytes], folder: Path) -> None:
    """Make `folder` hold these files and no others, but for what work left there.

    UsageError where a file cannot be written; then none of them is.
    """
    for name in present(folder):
        if name not in files:
            (folder / name).unlink()
    paths = {folder / name: content for name, content in files.items()}
    write_all_or_nothing({path: content for path, content in paths.items() if not _holds(path, content)})


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and same(path.read_bytes(), content)


def differences(files: Mapping[str, bytes], folder: Path) -> list[str]:
    """What is missing in the folder, differs there or should not be there; one line each.

    Lines of texts may end as git on Windows has it.
    """
    there = set(present(folder))
    lines = [f"{name}: missing" for name in files if name not in there]
    lines += [f"{name}: should not be there" for name in there if name not in files]
    both = (name for name in files if name in there)
    lines += [f"{name}: differs" for name in both if not same((folder / name).read_bytes(), files[name])]
    return sorted(lines)


def same(there: bytes, made: bytes) -> bool:
    """Whether a file that is there is the one that is made, but for a text's line ends on Windows."""
    return there == made or (b"\0" not in made and there.replace(b"\r\n", b"\n") == made)


def present(folder: Path) -> list[str]:
    """The files in a folder, but for what work left there."""
    paths = (path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    names = (path.relative_to(folder) for path in paths)
    return sorted(name.as_posix() for name in names if not IGNORED & set(name.parts))

"""What students get, and what staff get beside it: every file from an allow-list, nothing by default."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from nbformat import NotebookNode

from autograder.lab import Lab, load_lab
from autograder.checking.catalog import catalog
from autograder.otter.generate import student_tests
from autograder.release import mistakes
from autograder.release.cutter import Cut, cut_module
from autograder.release.notebooks import Notebooks, cut_notebook, to_bytes
from autograder.release.template import read_template

Files = dict[str, bytes]
"""Paths inside a folder, with `/`, and what the files hold."""

HANDOUT = (
    "README.md",
    "AGENTS.md",
    "requirements.txt",
    "pytest.ini",
    "lab_tools.py",
    "submit.py",
)
"""The files of assignment/student/ that go out as they are."""

DATA = (
    "data/README.md",
    "data/astronaut.png",
    "data/MNIST/raw/t10k-images-idx3-ubyte",
    "data/MNIST/raw/t10k-labels-idx1-ubyte",
    "data/MNIST/raw/train-images-idx3-ubyte",
    "data/MNIST/raw/train-labels-idx1-ubyte",
)

PACKAGE = (
    "__init__",
    "values",
    "modules",
    "probes",
    "checks/__init__",
    "checks/student",
    "checks/diagnosis",
    "checks/catalog",
    "checks/judge",
    "checks/local",
    "checks/conftest",
    "checks/public/__init__",
)
"""The modules of the package that public checks need. Every `checks/public/test_*.py` comes with them."""

IGNORED = frozenset({"__pycache__", ".ipynb_checkpoints", ".pytest_cache", ".OTTER_LOG", ".venv"})
"""What work in the folder leaves behind."""

_FIGURE = re.compile(r"\bfigures/([\w.-]+)")
_STAFF_FIGURE = "solution-"


class ReleaseError(Exception):
    """The release cannot be built; the text names the file and what to do."""


def student_files(root: Path) -> Files:
    """Everything in the students' folder, cut from the lab under `root`."""
    lab = load_lab(root)
    notebook = _notebooks(lab).question
    files = {name: part.question.encode() for name, part in _modules(lab).items()}
    files[lab.notebook] = to_bytes(notebook)
    files |= _common(root)
    files |= _figures(root, notebook)
    files |= _package(root)
    files |= student_tests(catalog(hidden=False))
    return dict(sorted(files.items()))


def solution_files(root: Path) -> Files:
    """Everything in the solutions' folder: both sources without markers, and what they need to run."""
    lab = load_lab(root)
    notebook = _notebooks(lab).solution
    files = {name: part.solution.encode() for name, part in _modules(lab).items()}
    files[lab.notebook] = to_bytes(notebook)
    files |= _common(root)
    files |= _figures(root, notebook, staff=True)
    files |= _package(root)
    files |= student_tests(catalog(hidden=False))
    files["rubric.md"] = _read(root / "assignment" / "rubric.md")
    return dict(sorted(files.items()))


def question_texts(lab: Lab) -> list[str]:
    """The stubs' and the students' notebook's texts."""
    cells = [cell.source for cell in _notebooks(lab).question.cells]
    return [*(part.question for part in _modules(lab).values()), *cells]


def _modules(lab: Lab) -> dict[str, Cut]:
    cuts = {}
    for name in lab.module_files:
        source = f"solutions/{name}"
        cuts[name] = cut_module(read_template(lab.root / source), source)
    return cuts


def _notebooks(lab: Lab) -> Notebooks:
    name = f"assignment/{Path(assignment.notebook).with_suffix('.md')}"
    return cut_notebook(read_template(lab.root / name), name)


def _common(root: Path) -> Files:
    files = {name: _read(root / "assignment" / name) for name in DATA}
    folder = root / "assignment" / "student"
    strange = {path.name for path in folder.iterdir()} - set(HANDOUT) - IGNORED
    if strange:
        listed = ", ".join(sorted(strange))
        raise ReleaseError(
            f"{folder}: {listed} is not in HANDOUT of {__name__}; add it there or move it away"
        )
    return files | {name: _read(folder / name) for name in HANDOUT if (folder / name).exists()}


def _figures(root: Path, notebook: NotebookNode, *, staff: bool = False) -> Files:
    """The figures that the notebook shows."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    names = sorted(set(_FIGURE.findall(text)))
    for name in names:
        if name.startswith(_STAFF_FIGURE) and not staff:
            raise ReleaseError(f"the students' notebook shows figures/{name}, which is part of a solution")
    return {f"figures/{name}": _read(root / "assignment" / "figures" / name) for name in names}


def _package(root: Path) -> Files:
    """The public subset of the package. It must not import what is not in it."""
    folder = root / "autograder"
    names = [f"{name}.py" for name in PACKAGE]
    names += [f"checks/public/{path.name}" for path in (folder / "checks" / "public").glob("test_*.py")]
    files = {f"autograder/{name}": _read(folder / name) for name in names}
    files[mistakes.NAME] = mistakes.table_bytes(root)
    for name, text in files.items():
        if not name.endswith(".py"):
            continue
        for wanted in _imports(text.decode()):
            if not {f"{wanted}.py", f"{wanted}/__init__.py"} & set(files):
                raise ReleaseError(f"{name} imports {wanted.replace('/', '.')}, which students do not get")
    return files


def _imports(text: str) -> Iterator[str]:
    """The modules of the package that a module imports, as paths."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = _imported_from(node)
        else:
            continue
        yield from (name.replace(".", "/") for name in names if name.split(".")[0] == "autograder")


def _imported_from(node: ast.ImportFrom) -> list[str]:
    """`from autograder.checks import judge` imports a module of its own; other names are no modules."""
    module = node.module or ""
    if module in {"autograder", "autograder.checks", "lab06.public"}:
        return [f"{module}.{alias.name}" for alias in node.names if not alias.name.startswith("__")]
    return [module]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReleaseError(f"{path}: {error.strerror}") from None


# --- the folder ------------------------------------------------------------------------------------------


def write(files: Mapping[str, bytes], folder: Path) -> None:
    """Make `folder` hold these files and no others, but for what work left there."""
    for name in present(folder):
        if name not in files:
            (folder / name).unlink()
    for name, content in files.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def differences(files: Mapping[str, bytes], folder: Path) -> list[str]:
    """What is missing in the folder, differs there or should not be there; one line each."""
    there = set(present(folder))
    lines = [f"{name}: missing" for name in files if name not in there]
    lines += [f"{name}: should not be there" for name in there if name not in files]
    both = (name for name in files if name in there)
    lines += [f"{name}: differs" for name in both if (folder / name).read_bytes() != files[name]]
    return sorted(lines)


def present(folder: Path) -> list[str]:
    """The files in a folder, but for what work left there."""
    paths = (path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    names = (path.relative_to(folder) for path in paths)
    return sorted(name.as_posix() for name in names if not IGNORED & set(name.parts))

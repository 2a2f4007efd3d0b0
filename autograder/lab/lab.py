"""The lab itself: its settings, and where its files and its code are."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from pydantic import TypeAdapter

from autograder.errors import LabError
from autograder.lab.reading import read_table, read_text
from autograder.lab.settings import LabSettings

TOML = Path("assignment", "assignment.toml")


class Lab(LabSettings):
    """A lab under `root`: the settings of its assignment.toml, its folders, and the code in its package.

    The package is `assignment/<name>/`: `probes` and `public` (which students get too), `hidden`,
    `misconceptions`, and where the lab has them `data` (files that training reads), `by_hand` (calls that do
    the work for the student) and `secrets` (what else must not get out).
    """

    root: Path = Path()

    @property
    def folder(self) -> Path:
        """Everything of the lab but the reference: assignment/."""
        return self.root / "assignment"

    @property
    def package(self) -> Path:
        """The folder of the lab's package."""
        return self.folder / self.name

    @property
    def solutions(self) -> Path:
        """The folder of the reference."""
        return self.root / "solutions"

    @property
    def student(self) -> Path:
        """The folder that is cut for students."""
        return self.root / "student"

    @property
    def student_facts(self) -> Path:
        """What the students' folder knows of the lab: generated."""
        return self.student / self.name / "facts.json"

    @property
    def template(self) -> Path:
        """The notebook's source."""
        return self.folder / Path(self.notebook).with_suffix(".md")

    @property
    def rubric(self) -> Path:
        """The staff's rubric; it need not exist."""
        return self.folder / "rubric.md"

    @property
    def misconceptions(self) -> Path:
        """The bank of known mistakes, a folder per function; it need not exist."""
        return self.package / "misconceptions"

    @property
    def mistakes(self) -> Path:
        """The table of known mistakes and their outcomes in public checks: generated; students get it."""
        return self.package / "public" / "mistakes.json"

    @property
    def cases(self) -> Path:
        """What the audit measures the grader with; it need not exist."""
        return self.folder / "audit"

    @property
    def contract(self) -> Path:
        """What pairs the clauses of docstrings with checks; it need not exist."""
        return self.folder / "contract.toml"

    @property
    def contract_page(self) -> Path:
        """The contract for people to read: generated."""
        return self.root / "docs" / "contract.md"

    def reference(self) -> dict[str, str]:
        """The reference's modules by name, markers and all. LabError when one is missing."""
        texts = {}
        for module in self.modules:
            path = self.solutions / f"{module}.py"
            try:
                texts[module] = read_text(path)
            except FileNotFoundError as error:
                raise LabError(
                    f"{path}: {error.strerror}; the reference of module {module} goes there"
                ) from None
        return texts

    # ---- the lab's code ------------------------------------------------------------------------------

    @cached_property
    def probes(self) -> ModuleType:
        """The module of probes. LabError when it cannot be imported."""
        return self.module("probes")

    def module(self, name: str) -> ModuleType:
        """A module of the lab's package. LabError when it cannot be imported: `file:line: why`."""
        self._on_the_path()
        return self._imported(f"{self.name}.{name}")

    def _imported(self, name: str) -> ModuleType:
        try:
            return importlib.import_module(name)
        except (Exception, SystemExit) as error:
            path = self.folder.joinpath(*name.split("."))
            file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
            raise LabError(_blame(error, file, self.package)) from error

    def optional(self, name: str) -> ModuleType | None:
        """A module that a lab may do without; None where it does."""
        self._on_the_path()
        return self.module(name) if find_spec(f"{self.name}.{name}") else None

    def _on_the_path(self) -> None:
        """Make the package importable; LabError when another lab's package has that name already."""
        if not (self.package / "__init__.py").is_file():
            raise LabError(
                f"{self.package}: this package does not exist; create it and put probes and checks into it"
            )
        if not self._is_here(sys.modules.get(self.name)):
            self._make_room()
            sys.path.insert(0, str(self.folder))
            found = self._imported(self.name)
            if not self._is_here(found):
                raise self._taken(found)

    def _is_here(self, package: ModuleType | None) -> bool:
        """Whether a module is this very lab's package."""
        file = getattr(package, "__file__", None)
        return file is not None and Path(file).resolve().parent == self.package.resolve()

    def _make_room(self) -> None:
        """Let go of a package of this name that another copy of the lab has; nothing else may have it."""
        loaded = sys.modules.get(self.name)
        if loaded is not None:
            file = Path(str(getattr(loaded, "__file__", "")))
            other = file.parent.parent
            if not is_lab_package(file):
                raise self._taken(loaded)
            sys.path[:] = [entry for entry in sys.path if entry != str(other)]
            for name in [name for name in sys.modules if name.split(".")[0] == self.name]:
                del sys.modules[name]
            importlib.invalidate_caches()

    def _taken(self, package: ModuleType) -> LabError:
        where = getattr(package, "__file__", None) or "Python itself"
        told = f"name: there is another package {self.name!r} ({where}); choose another name"
        return LabError(f"{self.folder / TOML.name}: {told}")

    def code(self) -> Iterator[Path]:
        """The Python files of the lab's package, sorted."""
        yield from sorted(path for path in self.package.rglob("*.py") if "__pycache__" not in path.parts)


def is_lab_package(file: Path) -> bool:
    """Whether a package's __init__.py is that of a lab: its folder is beside an assignment.toml."""
    return (file.parent.parent / TOML.name).is_file()


def _blame(error: BaseException, file: Path, package: Path) -> str:
    """What went wrong in the import of a file, with the innermost place that is in the lab's package."""
    line: int | None = None
    if isinstance(error, SyntaxError):
        file, line = Path(error.filename or file), error.lineno
        told = error.msg
    else:
        told = f"{type(error).__name__}: {error}"
        trace = error.__traceback__
        while trace is not None:
            here = Path(trace.tb_frame.f_code.co_filename)
            if here.is_relative_to(package):
                file, line = here, trace.tb_lineno
            trace = trace.tb_next
    return f"{file}:{line}: {told}" if line else f"{file}: {told}"


def find_root() -> Path:
    """The folder that holds `assignment/`: CONVLAB_ROOT, or this folder or one above it, or the checkout.

    LabError when there is none.
    """
    named = os.environ.get("CONVLAB_ROOT")
    if named:
        places = [Path(named)]
    else:
        here = Path.cwd()
        places = [here, *here.parents, Path(__file__).resolve().parents[2]]
    for place in places:
        if (place / TOML).is_file():
            return place
    do = "set CONVLAB_ROOT to a lab's folder" if named else "run this in a lab's folder, or set CONVLAB_ROOT"
    raise LabError(f"{places[0]} holds no {TOML}; {do}")


def load_lab(root: Path | None = None) -> Lab:
    """Read the lab under `root`. LabError names the file, the line and what is wrong."""
    root = root or find_root()
    path = root / TOML
    try:
        return read_table(path, TypeAdapter(Lab), root=root)
    except FileNotFoundError as error:
        raise LabError(f"{path}: {error.strerror}") from None

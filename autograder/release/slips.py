"""Slips in a lab: what an instructor forgot or mistyped, found by reading the sources, all of them at once.

Nothing is run but the imports of the lab's own modules: this takes a second or two, and a release does it
before anything that takes longer. Each slip has its place, and says what to do.
"""

from __future__ import annotations

import ast
import math
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autograder.checking.catalog import SMALLEST, catalog
from autograder.checking.check import HIDDEN, PUBLIC, Check, in_package
from autograder.lab import Lab, LabError, Question
from autograder.lab.facts import rubrics
from autograder.probing import function_of
from autograder.release.sources import CutLab
from autograder.release.student import IGNORED

_CHECK_CELL = re.compile(r"""^\s*grader\.check\(\s*["']([^"']*)["']""", re.MULTILINE)
_ANSWER_CELL = re.compile(r"""<!-- #region .*\bconvlab=\{\s*"question":\s*"([^"]*)\"""")
_FIGURE = re.compile(r"!\[[^\]]*\]\((figures/[^)\s]+)")
_OPTIONAL = ("data", "by_hand", "secrets", "stand_ins")
STARTED = 60.0
"""Seconds that a platform's small machine takes for all but the submission's own code."""
_ASKS = frozenset({"ask", "on_its_own", "each_on_its_own"})
"""The helpers of checks whose second argument is the name of a probe."""


@dataclass(frozen=True)
class Slip:
    """Something that is not as it should be: where, what, and what to do about it.

    `stops`: nothing can be made of the sources before this is mended.
    """

    place: str
    problem: str
    remedy: str
    stops: bool = False

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}; {self.remedy}"


def find_slips(cut: CutLab) -> list[Slip]:
    """Every slip of a lab that can be seen without running a check or a student's function."""
    looked = _Lookout(cut)
    slips = [*_files(looked), *_reference(looked), *_notebook(looked), *_written(looked), *_cases(looked)]
    slips += [*_budget(looked), *_audit(looked)]
    code = list(_code(cut.lab))
    slips += code
    if not code:
        slips += [*_probes(looked), *_checks(looked)]
    return list(dict.fromkeys(slips))


@dataclass(frozen=True)
class _Lookout:
    """A lab, with the lines at which its things are."""

    cut: CutLab

    @property
    def lab(self) -> Lab:
        return self.cut.lab

    def short(self, path: Path) -> str:
        """A path as it is written in messages: from the lab's root."""
        return path.relative_to(self.lab.root).as_posix() if path.is_relative_to(self.lab.root) else str(path)

    @cached_property
    def toml(self) -> str:
        """The name of the settings in messages."""
        return self.short(self.lab.folder / "assignment.toml")

    @cached_property
    def _toml_lines(self) -> list[str]:
        return (self.lab.folder / "assignment.toml").read_text("utf-8").splitlines()

    def setting(self, pattern: str) -> str:
        """The place in assignment.toml of the first line that matches; the file where none does."""
        for number, line in enumerate(self._toml_lines, 1):
            if re.search(pattern, line):
                return f"{self.toml}:{number}"
        return self.toml

    def question(self, question: Question) -> str:
        """The place in assignment.toml of a question."""
        return self.setting(rf"""^\s*id\s*=\s*["']{re.escape(question.id)}["']""")

    @cached_property
    def notebook(self) -> str:
        """The name of the notebook's source in messages."""
        return self.short(self.lab.template)

    @cached_property
    def notebook_text(self) -> str:
        """The notebook's source."""
        return self.cut.templates[self.notebook]

    def found(self, pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
        """What a pattern's group is at each match in the notebook's source, with the place."""
        for match in pattern.finditer(self.notebook_text):
            line = self.notebook_text.count("\n", 0, match.start(1)) + 1
            yield match[1], f"{self.notebook}:{line}"

    @cached_property
    def functions(self) -> frozenset[str]:
        """The functions that questions ask for."""
        return frozenset(name for question in self.lab.auto_graded for name in question.functions)

    @cached_property
    def ids(self) -> str:
        """The auto-graded questions, for a remedy."""
        return ", ".join(question.id for question in self.lab.auto_graded)


# --- files -----------------------------------------------------------------------------------------------


def _files(look: _Lookout) -> Iterator[Slip]:
    lab, folder = look.lab, look.lab.folder / "handout"
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    for name in sorted(name for name in there - set(lab.handout) if not IGNORED & set(name.split("/"))):
        place, listed = f"{look.short(folder)}/{name}", f"list it under `handout` in {look.toml}"
        yield Slip(place, f"{name} in {look.short(folder)} is not listed", f"{listed}, or move it away", True)
    for key, names, base in (
        ("handout", lab.handout, folder),
        ("data", lab.data, lab.folder),
        ("kept", lab.kept, lab.folder),
    ):
        for name in names:
            place = look.setting(re.escape(f'"{name}"'))
            if not (base / name).resolve().is_relative_to(lab.folder.resolve()):
                yield Slip(
                    place, f"{key}: {name!r} points outside of {look.short(lab.folder)}", "put it there", True
                )
            elif not (base / name).is_file():
                told = f"{key}: {name!r} is listed, but is not in {look.short(base)}"
                yield Slip(place, told, "add the file, or take it off the list", True)
    for name, place in look.found(_FIGURE):
        if not (lab.folder / name).is_file():
            yield Slip(place, f"there is no picture {look.short(lab.folder)}/{name}", "add it there", True)


# --- code ------------------------------------------------------------------------------------------------


def _code(lab: Lab) -> Iterator[Slip]:
    """Modules of the lab's package that Python cannot read or import."""
    unread = [slip for path in lab.code() if (slip := _unreadable(lab, path)) is not None]
    yield from unread
    if unread:
        return
    names = [
        "probes",
        PUBLIC,
        HIDDEN,
        *(name for name in _OPTIONAL if (lab.package / f"{name}.py").is_file()),
    ]
    names += [
        f"{room}.{path.stem}"
        for room in (PUBLIC, HIDDEN)
        for path in sorted((lab.package / room).glob("test_*.py"))
    ]
    for name in names:
        try:
            lab.module(name)
        except LabError as error:
            place, _, told = str(error).replace(f"{lab.root}/", "").partition(": ")
            yield Slip(place, told, "correct it; the module cannot be imported", True)


def _unreadable(lab: Lab, path: Path) -> Slip | None:
    place = path.relative_to(lab.root).as_posix()
    content = path.read_bytes()
    try:
        text = content.decode("utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Slip(f"{place}:{line}", "this is not UTF-8", "save the file as UTF-8", True)
    except SyntaxError as error:
        return Slip(f"{place}:{error.lineno}", f"{error.msg}", "Python cannot read the module", True)
    except ValueError as error:
        return Slip(f"{place}:1", f"{error}", "Python cannot read the module", True)
    if path.is_relative_to(lab.misconceptions) and path.name != "__init__.py":
        sentence, _, hint = (ast.get_docstring(tree) or "").partition("\n\n")
        if not (sentence.strip() and hint.strip()):
            told = "a known mistake begins with a docstring of a sentence, an empty line and a hint"
            return Slip(f"{place}:1", told, "write it", True)
    return None


def _probes(look: _Lookout) -> Iterator[Slip]:
    """Probes that are marked with a function that no question asks for."""
    probes = look.lab.probes
    for name, value in vars(probes).items():
        function = function_of(probes, name)
        if function and function not in look.functions:
            code = getattr(value, "__code__", None)
            line = f":{code.co_firstlineno}" if code else ""
            told = f"the probe {name} is marked with {function!r}, which no question asks for"
            yield Slip(f"{look.short(look.lab.package / 'probes.py')}{line}", told, "correct @probe(...)")


def _checks(look: _Lookout) -> Iterator[Slip]:
    lab = look.lab
    checks = in_package(lab.name, (PUBLIC, HIDDEN))
    broken = [slip for check in checks for slip in _check(look, check)]
    yield from broken
    for key, number in Counter(check.key for check in checks).items():
        if number > 1:
            places = ", ".join(_place(look, check) for check in checks if check.key == key)
            yield Slip(places, f"{number} checks are named {key}", "give each a name of its own")
    for question in lab.auto_graded:
        for room in (PUBLIC, HIDDEN):
            found = any(c.question == question.id and c.hidden == (room == HIDDEN) for c in checks)
            if not found and room not in question.unchecked:
                folder = look.short(lab.package / room)
                remedy = f'write one in {folder}, or give the question `unchecked = ["{room}"]`'
                yield Slip(look.question(question), f"{question.id} has no {room} check", remedy)
    yield from _asked_probes(look)
    if not broken:
        try:
            catalog(lab)
        except LabError as error:
            place, _, told = str(error).replace(f"{lab.root}/", "").partition(": ")
            problem, _, remedy = told.partition("; ")
            yield Slip(place, problem, remedy or f"points are given in steps of {SMALLEST}")


def _check(look: _Lookout, check: Check) -> Iterator[Slip]:
    asked = {question.id: question for question in look.lab.questions}
    place, function = _place(look, check), check.function
    if check.question not in asked:
        told = f"{function}: {look.toml} has no question {check.question!r}"
        yield Slip(place, told, f"its auto-graded questions are {look.ids}")
    elif asked[check.question].written:
        told = f"{function}: {check.question} is a written question, which people grade"
        yield Slip(place, told, f"choose one of {look.ids}")
    if not isinstance(check.share, (int, float)) or not check.share > 0 or not math.isfinite(check.share):
        yield Slip(place, f"{function}: its share is {check.share!r}", "give a number above 0")


def _place(look: _Lookout, check: Check) -> str:
    path, _, line = check.place.rpartition(":")
    return f"{look.short(Path(path))}:{line}"


def _asked_probes(look: _Lookout) -> Iterator[Slip]:
    """Probes that checks name and the lab does not have."""
    for room in (PUBLIC, HIDDEN):
        for path in sorted((look.lab.package / room).glob("test_*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                name = _asked(node)
                if name is not None and not callable(getattr(look.lab.probes, name, None)):
                    line = node.lineno if isinstance(node, ast.Call) else 1
                    remedy = f"write it in {look.short(look.lab.package / 'probes.py')}"
                    yield Slip(f"{look.short(path)}:{line}", f"there is no probe {name!r}", remedy)


def _asked(node: ast.AST) -> str | None:
    """The probe that a call in a check's text names; None for anything else."""
    match node:
        case ast.Call(ast.Name(helper), [_, ast.Constant(str(name)), *_]) if helper in _ASKS:
            return name
        case ast.Call(ast.Attribute(ast.Name("student"), "run"), [ast.Constant(str(name)), *_]):
            return name
    return None


# --- the reference and its stubs -------------------------------------------------------------------------


def _reference(look: _Lookout) -> Iterator[Slip]:
    for question in look.lab.auto_graded:
        path = f"solutions/{question.module}.py"
        cut = look.cut.modules[f"{question.module}.py"]
        defined = _functions(look.cut.templates[path], path)
        stubs = _functions(cut.question, path)
        for function in question.functions:
            if function not in defined:
                told = f"{question.id} asks for {function}, which {path} does not define"
                yield Slip(look.question(question), told, "write it there, or correct `functions`")
            elif function not in stubs or not _raises(stubs[function]):
                told = f"the stub of {function} does not raise NotImplementedError"
                remedy = "put #!TAG HWBEGIN and #!TAG HWEND around the answer's statements"
                yield Slip(f"{path}:{defined[function].lineno}", told, remedy)


def _functions(text: str, name: str) -> dict[str, ast.FunctionDef]:
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise LabError(f"{name}:{error.lineno}: {error.msg}; Python cannot read the module") from None
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def _raises(function: ast.FunctionDef) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Raise):
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if isinstance(raised, ast.Name) and raised.id == "NotImplementedError":
                return True
    return False


# --- the notebook ----------------------------------------------------------------------------------------


def _notebook(look: _Lookout) -> Iterator[Slip]:
    """Each auto-graded question has its `grader.check` cell, and each such cell its question."""
    found = list(look.found(_CHECK_CELL))
    known = {question.id for question in look.lab.auto_graded}
    for question in look.lab.auto_graded:
        if question.id not in {name for name, _ in found}:
            told = f'{question.id} has no cell `grader.check("{question.id}")`'
            yield Slip(look.notebook, told, "add one below its text")
    for name, place in found:
        if name not in known:
            told = f'`grader.check("{name}")` matches no auto-graded question'
            yield Slip(place, told, f"the questions are {look.ids}")


def _written(look: _Lookout) -> Iterator[Slip]:
    """Each written question has one answer cell and a section of the rubric, and there are no others."""
    found = list(look.found(_ANSWER_CELL))
    written = [question for question in look.lab.questions if question.written]
    ids = [question.id for question in written]
    counts = Counter(name for name, _ in found)
    for question in written:
        if counts[question.id] != 1:
            number = "no answer cell" if not counts[question.id] else f"{counts[question.id]} answer cells"
            cell = f'<!-- #region convlab={{"question": "{question.id}"}} -->'
            yield Slip(
                look.notebook, f"the written question {question.id} has {number}", f"put one in {cell}"
            )
    for name, place in found:
        if name not in ids:
            told = f"this answer cell names {name!r}, which is not a written question"
            yield Slip(place, told, f"the written questions are {', '.join(ids) or 'none'}")
    sections = rubrics(look.lab)
    rubric = look.short(look.lab.rubric)
    for question in written:
        if question.id not in sections:
            remedy = f"add a section `## {question.id}: {question.title}`"
            yield Slip(rubric, f"there is no section for the written question {question.id}", remedy)
    for name in sections:
        if name not in ids:
            yield Slip(rubric, f"the section {name} matches no written question", "rename or remove it")


# --- known mistakes and the audit's cases ----------------------------------------------------------------


def _cases(look: _Lookout) -> Iterator[Slip]:
    """Folders of solutions are named by the functions that they are of."""
    lab = look.lab
    for folder in (lab.misconceptions, lab.cases / "wheats", lab.cases / "chaffs"):
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.is_dir() and path.name not in look.functions and path.name != "__pycache__":
                close = ", ".join(sorted(look.functions))
                told = f"no question asks for a function {path.name}"
                yield Slip(look.short(path), told, f"rename or remove the folder; the functions are {close}")
            elif path.suffix == ".py" and path.name != "__init__.py":
                told = "this file is in no function's folder"
                yield Slip(
                    look.short(path), told, "move it into the folder of the function that it belongs to"
                )


def _audit(look: _Lookout) -> Iterator[Slip]:
    known = {question.id for question in look.lab.auto_graded}
    for name in look.lab.audit.named:
        if name not in known:
            told = f"audit.named: there is no auto-graded question {name!r}"
            yield Slip(look.setting(r"^\s*named\s*="), told, f"the questions are {look.ids}")
    for name in look.lab.audit.typical:
        folders = (look.lab.misconceptions, look.lab.cases / "chaffs")
        if not any((folder / f"{name}.py").is_file() for folder in folders):
            told = f"audit.typical: there is no wrong solution {name!r}"
            yield Slip(look.setting(re.escape(f'"{name}"')), told, "write function/name of one that exists")


# --- time ------------------------------------------------------------------------------------------------


def _budget(look: _Lookout) -> Iterator[Slip]:
    taken, allowed = look.lab.submission_seconds, look.lab.platform_seconds
    if taken + STARTED > allowed:
        told = (
            f"a submission's code may take submission_seconds = {taken:g}, and starting the grader about "
            f"{STARTED:g} more, but the platform stops it all after platform_seconds = {allowed:g}"
        )
        place = look.setting(r"^\s*submission_seconds\s*=|^\s*platform_seconds\s*=|^\[limits\]")
        yield Slip(
            place, told, "lower submission_seconds, or raise platform_seconds if the platform allows it"
        )

"""Slips in a lab: what an instructor forgot or mistyped, found by reading the sources, all of them at once.

Nothing is run but the imports of the lab's own modules: this takes a second or two, and a release does it
before anything that takes longer. Each slip has its place, and says what to do.
"""

from __future__ import annotations

import ast
import math
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import ModuleType

from iniconfig import IniConfig, ParseError

from autograder.checking.catalog import SMALLEST, catalog
from autograder.checking.check import HIDDEN, PUBLIC, Check, in_package, of_function
from autograder.contract import unknown_names, unknown_parts
from autograder.handin.python import parsed
from autograder.lab import Lab, LabError, Question
from autograder.lab.reading import UNRESOLVED, conflict, line_of_table, read_text
from autograder.lab.rubric import rubric_items, rubrics
from autograder.probing import function_of
from autograder.release.cutter import has_markers
from autograder.release.sources import CutLab
from autograder.release.student import IGNORED
from autograder.release.undefined import Names, names_in

_CHECK_CELL = re.compile(r"""^\s*grader\.check\(\s*["']([^"']*)["']""", re.MULTILINE)
_ANSWER_CELL = re.compile(r"""<!-- #region .*\bconvlab=\{\s*"question":\s*"([^"]*)\"""")
_FIGURE = re.compile(r"!\[[^\]]*\]\((figures/[^)\s]+)")
TEXTS = 4096
"""So many texts are kept as they were read: more than a lab has, since all are gone through in turn."""
_FILE = re.compile(r"[\w.-]+(/[\w.-]+)*/[\w-]+\.\w+")
_FENCE = re.compile(r"^(`{3,})\s*(\w*)")
_MAGIC = re.compile(r"^([ \t]*)(?:[%!].*|.*\?)$", re.MULTILINE)
_REGION = re.compile(r"^<!-- #(end)?region\b")
_NEEDED = {
    "probes.py": "write in it what children run for checks, a function each",
    "conftest.py": "copy it from a lab that `convlab new` makes: checks get `student` from it",
    f"{PUBLIC}/__init__.py": "put the checks that students get beside it, in modules test_*.py",
    f"{HIDDEN}/__init__.py": "put the checks that no one gets beside it, in modules test_*.py",
    f"{HIDDEN}/conftest.py": "copy it from a lab that `convlab new` makes: checks get `reference` from it",
}
"""The files that each lab's package needs, and what to do where one is missing."""
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
    slips = [
        *_files(looked),
        *_reference(looked),
        *_unasked(looked),
        *_notebook(looked),
        *_cells(looked),
        *_imports(looked),
        *_written(looked),
        *_cases(looked),
    ]
    slips += [*_budget(looked), *_audit(looked)]
    code = list(_code(cut.lab))
    slips += code
    if not code:
        checks = list(_checks(looked))
        slips += [*_probes(looked), *checks, *_by_hand(looked)]
        slips += [] if checks else _contract(looked)
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
        return read_text(self.lab.folder / "assignment.toml").splitlines()

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
    def stood_in(self) -> frozenset[str]:
        """What the lab's stand-ins define."""
        path = self.lab.package / "stand_ins.py"
        return _names(read_text(path)).defined if path.is_file() else frozenset()

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

    def in_notebook(self, line: str) -> str:
        """The place of the first line of the notebook's source that is this one, spaces around left out."""
        lines = enumerate(self.notebook_text.splitlines(), 1)
        return f"{self.notebook}:{next((number for number, one in lines if one.strip() == line), 1)}"

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
    yield from _files_of_facts(look)
    for name, place in look.found(_FIGURE):
        if not (lab.folder / name).is_file():
            yield Slip(place, f"there is no picture {look.short(lab.folder)}/{name}", "add it there", True)
    if lab.student.exists() and not lab.student.is_dir():
        told = "this is a file, where the students' folder should be"
        yield Slip(look.short(lab.student), told, "move it away, then run `convlab cut`", True)
    for name in lab.handout:
        yield from _broken_handout(f"{look.short(folder)}/{name}", folder / name)


def _files_of_facts(look: _Lookout) -> Iterator[Slip]:
    """Facts that name a file beside those of `data`, which students do not get."""
    folders = {name.partition("/")[0] for name in look.lab.data if "/" in name}
    for key, value in look.lab.facts.items():
        file = str(value)
        if _FILE.fullmatch(file) and file.partition("/")[0] in folders and file not in look.lab.data:
            told = f"facts.{key}: {file} is not among `data`, so students would not get it"
            remedy = f'list it there, or write "<<{key}>>" there in place of the file that it was'
            yield Slip(look.setting(rf"^\s*{re.escape(key)}\s*="), told, remedy, True)


def _broken_handout(place: str, path: Path) -> Iterator[Slip]:
    """A hand-out file that no student's tool could read."""
    remedy = "students' tools could not read it: correct it"
    if not path.is_file() or path.suffix not in (".ini", ".cfg", ".toml", ".py"):
        return
    text = read_text(path)
    try:
        if path.suffix == ".py":
            _tree(text)
        elif path.suffix == ".toml":
            tomllib.loads(text)
        elif "pytest" not in IniConfig(path.name, data=text).sections and path.name == "pytest.ini":
            yield Slip(place, "it has no section [pytest]", remedy)
    except ParseError as error:
        yield Slip(f"{place}:{error.lineno + 1}", error.msg, remedy)
    except tomllib.TOMLDecodeError as error:
        yield Slip(place, f"{error}", remedy)
    except (SyntaxError, ValueError) as error:
        yield Slip(f"{place}:{getattr(error, 'lineno', 1)}", getattr(error, "msg", f"{error}"), remedy)


# --- code ------------------------------------------------------------------------------------------------


def _code(lab: Lab) -> Iterator[Slip]:
    """Modules of the lab's package that are missing, or that Python cannot read or import."""
    missing = [name for name in _NEEDED if not (lab.package / name).is_file()]
    for name in missing:
        place = (lab.package / name).relative_to(lab.root).as_posix()
        yield Slip(place, "this file is missing", _NEEDED[name], True)
    if missing:
        return
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
    text = ""
    try:
        text = read_text(path)
        tree = _tree(text)
    except LabError as error:
        where, _, told = str(error).replace(f"{lab.root}/", "").partition(": ")
        problem, _, remedy = told.partition("; ")
        return Slip(where, problem, remedy or "make it readable", True)
    except SyntaxError as error:
        if merged := conflict(text):
            return Slip(f"{place}:{merged}", *UNRESOLVED, True)
        return Slip(f"{place}:{error.lineno}", f"{error.msg}", "Python cannot read the module", True)
    except ValueError as error:
        return Slip(f"{place}:1", f"{error}", "Python cannot read the module", True)
    if path.is_relative_to(lab.misconceptions) and path.name != "__init__.py":
        sentence, _, hint = (ast.get_docstring(tree) or "").partition("\n\n")
        if not (sentence.strip() and hint.strip()):
            told = "a known mistake begins with a docstring of a sentence, an empty line and a hint"
            return Slip(f"{place}:1", told, "write it", True)
    return None


@lru_cache(maxsize=TEXTS)
def _names(text: str) -> Names:
    """The names of a module that stands beside others; none where Python cannot read it."""
    try:
        return names_in(_tree(text))
    except (SyntaxError, ValueError):
        return Names(frozenset(), frozenset(), ())


@lru_cache(maxsize=TEXTS)
def _tree(text: str) -> ast.Module:
    """A module's tree, for reading only: several slips are looked for in the same texts."""
    return parsed(text)


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
            found = any(c.question == question.id and c.module.split(".")[1] == room for c in checks)
            if not found and room not in question.unchecked:
                folder = look.short(lab.package / room)
                remedy = f'write one in {folder}, or give the question `unchecked = ["{room}"]`'
                yield Slip(look.question(question), f"{question.id} has no {room} check", remedy)
    yield from _uncounted(look)
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
    room = check.module.split(".")[1]
    if (room == HIDDEN) != check.hidden:
        told = f"{function} is in {room}/ but has {'a' if check.hidden else 'no'} family"
        remedy = (
            "move it to hidden/, or give it a title instead" if check.hidden else "give it family and hint"
        )
        yield Slip(place, told, remedy)
    if check.question not in asked:
        told = f"{function}: {look.toml} has no question {check.question!r}"
        yield Slip(place, told, f"its auto-graded questions are {look.ids}")
    elif asked[check.question].written:
        told = f"{function}: {check.question} is a written question, which people grade"
        yield Slip(place, told, f"choose one of {look.ids}")
    if not isinstance(check.share, (int, float)) or not check.share > 0 or not math.isfinite(check.share):
        yield Slip(place, f"{function}: its share is {check.share!r}", "give a number above 0")


def _uncounted(look: _Lookout) -> Iterator[Slip]:
    """Tests that look like checks and would never count: without a mark, or where none are looked for."""
    for room in (PUBLIC, HIDDEN):
        for path in sorted((look.lab.package / room).glob("*.py")):
            collected = path.name.startswith("test_")
            module = look.lab.module(f"{room}.{path.stem}") if collected else None
            for node in _tree(read_text(path)).body:
                if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    continue
                place = f"{look.short(path)}:{node.lineno}"
                if module is None and any(map(_marks, node.decorator_list)):
                    told = f"{node.name} is a check in a module whose name does not begin with test_"
                    yield Slip(place, told, "rename the module: no one would run the check")
                elif module is not None and _looks_like_a_test(node) and not _counts(module, node.name):
                    told = f"{node.name} has no @check(...), so it gives no points"
                    yield Slip(place, told, "add one above it, or give it a name without `test` in front")


def _looks_like_a_test(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    return node.name.startswith("Test" if isinstance(node, ast.ClassDef) else "test")


def _marks(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "check"


def _counts(module: ModuleType, name: str) -> bool:
    return of_function(getattr(module, name, None)) is not None


def _place(look: _Lookout, check: Check) -> str:
    path, _, line = check.place.rpartition(":")
    return f"{look.short(Path(path))}:{line}"


def _asked_probes(look: _Lookout) -> Iterator[Slip]:
    """Probes that checks name and the lab does not have."""
    for room in (PUBLIC, HIDDEN):
        for path in sorted((look.lab.package / room).glob("test_*.py")):
            for name, line in _all_asked(read_text(path)):
                if not callable(getattr(look.lab.probes, name, None)):
                    remedy = f"write it in {look.short(look.lab.package / 'probes.py')}"
                    yield Slip(f"{look.short(path)}:{line}", f"there is no probe {name!r}", remedy)


@lru_cache(maxsize=256)
def _all_asked(text: str) -> tuple[tuple[str, int], ...]:
    """The probes that a module of checks names, with the lines."""
    calls = [node for node in ast.walk(_tree(text)) if isinstance(node, ast.Call)]
    return tuple((name, call.lineno) for call in calls if (name := _asked(call)) is not None)


def _asked(node: ast.Call) -> str | None:
    """The probe that a call in a check's text names; None for any other call."""
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


def _unasked(look: _Lookout) -> Iterator[Slip]:
    """Functions whose answer students are to write, though no question asks for them."""
    for name in look.lab.module_files:
        path = f"solutions/{name}"
        text = look.cut.templates[path]
        lines = text.splitlines()
        for function, node in _functions(text, path).items():
            inside = "\n".join(lines[node.lineno - 1 : node.end_lineno])
            if function not in look.functions and has_markers(inside):
                told = f"no question asks for {function}, of which students would get a stub"
                remedy = f"list it under a question's `functions` in {look.toml}, or remove it or its markers"
                yield Slip(f"{path}:{node.lineno}", told, remedy)


def _functions(text: str, name: str) -> dict[str, ast.FunctionDef]:
    try:
        tree = _tree(text)
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


def _cells(look: _Lookout) -> Iterator[Slip]:
    """Cells of the notebook that do not end, so that what follows would become part of them."""
    fence: tuple[int, str] | None = None
    regions: list[int] = []
    never = 'this cell of code has no "```" at its end', "add that line below its last one"
    for number, line in enumerate(look.notebook_text.splitlines(), 1):
        mark, region = _FENCE.match(line), _REGION.match(line)
        if mark and fence is None:
            fence = number, mark[1]
        elif mark and fence and mark[2] and len(mark[1]) == len(fence[1]):
            yield Slip(f"{look.notebook}:{fence[0]}", *never)
            fence = number, mark[1]
        elif mark and fence and not mark[2] and len(mark[1]) >= len(fence[1]):
            fence = None
        elif region and fence is None and not region[1]:
            regions.append(number)
        elif region and fence is None and not (regions and regions.pop()):
            told = "an #endregion ends nothing here"
            yield Slip(
                f"{look.notebook}:{number}", told, "add <!-- #region … --> above its cell, or remove it"
            )
    if fence is not None:
        yield Slip(f"{look.notebook}:{fence[0]}", *never)
    yield from _python(look)
    for number in regions:
        told = "this region has no end"
        yield Slip(f"{look.notebook}:{number}", told, "add <!-- #endregion --> below its last line")


def _python(look: _Lookout) -> Iterator[Slip]:
    """Cells of code that Python cannot read, as students get them; IPython's own lines are left out."""
    cells = look.cut.notebooks.question.cells
    for text in (cell.source for cell in cells if cell.cell_type == "code"):
        if text.lstrip().startswith("%%"):
            continue
        try:
            _tree(_MAGIC.sub(r"\1pass", text))
        except (SyntaxError, ValueError) as error:
            number = getattr(error, "lineno", None) or 1
            wrong = _line_of(text, number)
            told = f"Python cannot read this line of a cell of code, {wrong!r}: {error}"
            yield Slip(look.in_notebook(wrong), told.split(" (<")[0], "correct it")


def _line_of(text: str, number: int) -> str:
    """A line of a cell by its number, without spaces around; the last one where there are fewer."""
    return (text.splitlines() or [""])[min(number, text.count("\n") + 1) - 1].strip()


def _imports(look: _Lookout) -> Iterator[Slip]:
    """What cells take from the lab's modules and these do not have, as after a question was removed."""
    modules = {name.removesuffix(".py"): part.question for name, part in look.cut.modules.items()}
    for name in look.lab.given:
        path = look.lab.folder / "handout" / name
        modules |= {name.removesuffix(".py"): read_text(path)} if path.is_file() else {}
    cells = [cell.source for cell in look.cut.notebooks.question.cells if cell.cell_type == "code"]
    whole = {name for text in cells for name in _imported(text)}
    for text in cells:
        for module, name, line in _taken(text, modules.keys(), whole):
            there = _names(modules[module]).offered
            if there and not there & {name, "*"}:
                told = f"a cell takes {name} from {module}.py, which does not define it"
                remedy = "correct the cell, or define it there"
                yield Slip(look.in_notebook(_line_of(text, line)), told, remedy)


def _cell(text: str) -> ast.Module:
    """A cell's tree, for reading only; an empty one where Python cannot read it."""
    try:
        return _tree(_MAGIC.sub(r"\1pass", text))
    except (SyntaxError, ValueError):
        return _tree("")


def _imported(text: str) -> Iterator[str]:
    """The modules that a cell imports whole, under their own names."""
    for node in ast.walk(_cell(text)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.asname in (None, one.name))


def _taken(text: str, modules: Collection[str], whole: Collection[str]) -> Iterator[tuple[str, str, int]]:
    """What a cell takes from some modules, of which some are imported whole: module, name and line."""
    for node in ast.walk(_cell(text)):
        match node:
            case ast.ImportFrom(str(module), names) if module in modules:
                yield from ((module, one.name, node.lineno) for one in names if one.name != "*")
            case ast.Attribute(ast.Name(module), name, ast.Load()) if module in modules and module in whole:
                yield module, name, node.lineno


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
    yield from _items(look, written)


def _items(look: _Lookout, written: Sequence[Question]) -> Iterator[Slip]:
    """The items of rubric.toml are of written questions, and add up to their points."""
    place = look.short(look.lab.rubric.with_suffix(".toml"))
    most = {question.id: question.points for question in written}
    for name, items in rubric_items(look.lab).items():
        found = sum(item.points for item in items)
        at = f"{place}:{line_of_table(look.lab.rubric.with_suffix('.toml'), name)}"
        if name not in most:
            yield Slip(at, f"{name} is not a written question", "rename or remove its items")
        elif abs(found - most[name]) > 1e-6:
            told = f"{name} is worth {most[name]:g} points, but its items add up to {found:g}"
            yield Slip(at, told, "change the points of an item, or of the question in assignment.toml")


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
            elif path.is_dir() and path.name in look.functions:
                for file in sorted(path.glob("*.py")):
                    yield from _solution(look, file, beside_reference=folder != lab.misconceptions)


def _solution(look: _Lookout, path: Path, *, beside_reference: bool) -> Iterator[Slip]:
    """A solution that is of no use: of another function, or one that fails because a name is undefined.

    Students are told of known mistakes, so one of these stops the cut as well.
    """
    question = look.lab.question_of(path.parent.name)
    try:
        tree = _tree(text := read_text(path))
    except (SyntaxError, ValueError, LabError):
        return  # the audit says it of its cases, and the list of what cannot be read of the bank
    names = _names(text)
    if path.parent.name not in names.offered:
        told = f"does not define {path.parent.name}, the function that its folder is of"
        line = next((node.lineno for node in tree.body if isinstance(node, ast.FunctionDef)), 1)
        yield Slip(
            f"{look.short(path)}:{line}", told, "correct the name, or move the file", not beside_reference
        )
    given = look.stood_in
    if question and beside_reference:
        given = _names(look.cut.templates[f"solutions/{question.module}.py"]).defined
    for name, line in names.undefined(given):
        told, remedy = (
            f"nothing defines {name!r}, which is used here",
            "define or import it, or correct the name",
        )
        yield Slip(f"{look.short(path)}:{line}", told, remedy, not beside_reference)


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


def _contract(look: _Lookout) -> Iterator[Slip]:
    """Functions, checks and solutions that contract.toml names and the lab does not have."""
    for name in unknown_parts(look.lab):
        told = f"no module, and no function that a question asks for, is named {name}"
        at = f"{look.short(look.lab.contract)}:{line_of_table(look.lab.contract, name)}"
        yield Slip(at, told, "correct the name, or remove its section")
    for told in unknown_names(look.lab):
        yield Slip(look.short(look.lab.contract), told, "correct the name, or take it out")


def _by_hand(look: _Lookout) -> Iterator[Slip]:
    module = look.lab.optional("by_hand")
    known = module.BY_HAND.watched if module else {}
    for question in look.lab.auto_graded:
        for kind in question.by_hand:
            if kind not in known:
                told = f"{question.id}: by_hand: there is no kind of call {kind!r}"
                remedy = (
                    f"choose from {', '.join(known)}" if known else "write by_hand.py, which says what it is"
                )
                yield Slip(look.setting(r"^\s*by_hand\s*=.*" + re.escape(f'"{kind}"')), told, remedy)


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

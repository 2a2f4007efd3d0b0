"""Student modules, loaded from their text; no file of a submission is ever on the import path."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import linecache
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from types import CodeType, ModuleType, TracebackType

from autograder import randomness
from autograder.handin.explain import explained
from autograder.handin.imports import builtins_for, runnable
from autograder.handin.python import compiled, of_syntax_error

PACKAGE = "student"
Given = Mapping[str, Mapping[str, Mapping[str, str]]]
"""By the function that is asked for, then by module and function: texts that stand in for the student's."""


@dataclass(frozen=True)
class Failure:
    """How student code failed: a verdict's word, the exception, and the student's own frames as text."""

    verdict: str
    kind: str
    message: str
    trace: str


@dataclass(frozen=True)
class _Wanted:
    """What is loaded, with what in place of other modules and of its own globals."""

    name: str
    stand_ins: Mapping[str, Mapping[str, object]]
    replace: Mapping[str, object]


class Modules:
    """The modules of one submission, importable as `name` and as `student.name` while this is entered.

    `sources` maps module names to source text, `given` holds what probes may put in place of other functions
    than the one that is asked for. Leaving puts `sys.modules` back as it was, so that a
    notebook's own imports are not disturbed. Entered again, the modules that were loaded last are still
    there, so that a module whose loading takes long pays for it once; only the last, since each may be large.
    `forget` lets go of them.
    """

    def __init__(self, sources: Mapping[str, str], given: Given | None = None) -> None:
        self.sources = dict(sources)
        self.given: Given = given or {}
        self._stand_ins: dict[str, Mapping[str, object]] = {}
        self._saved: dict[str, ModuleType] = {}
        self._wanted: _Wanted | None = None
        self._kept: dict[str, ModuleType] = {}
        self._kept_for: _Wanted | None = None
        self._loading = 0

    def __enter__(self) -> Modules:
        self._saved = self._take_out()
        self._stand_ins = {}
        self._wanted = None
        self._finder = _Finder(self)
        sys.meta_path.insert(0, self._finder)
        for name, text in self.sources.items():
            linecache.cache[f"{name}.py"] = (len(text), None, _lines(text), f"{name}.py")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        sys.meta_path.remove(self._finder)
        loaded = self._take_out()
        sys.modules.update(self._saved)
        if self._wanted is not None:
            self._kept, self._kept_for = loaded, self._wanted

    def _take_out(self) -> dict[str, ModuleType]:
        """Remove from `sys.modules` what is a submission's: its modules, `student` and what is inside."""
        names = {PACKAGE}
        for name in (*self.sources, *self._stand_ins):
            names |= {name, f"{PACKAGE}.{name}"}
        if PACKAGE in sys.modules:  # else nothing but our own modules can be inside; a scan of all takes long
            names |= {name for name in sys.modules if name.startswith(f"{PACKAGE}.")}
        return {name: sys.modules.pop(name) for name in names if name in sys.modules}

    def stand_in(self, name: str, functions: Mapping[str, object]) -> None:
        """Let imports of module `name` find `functions`; any other name comes from the student's own text."""
        self._stand_ins[name] = functions

    def load(self, name: str, replace: Mapping[str, object] | None = None) -> ModuleType:
        """Run module `name`, put `replace` over its globals. ModuleNotFoundError if it was not handed in."""
        if name not in self.sources:
            raise ModuleNotFoundError(f"{name}.py was not handed in", name=name)
        self._stand_ins.pop(name, None)
        wanted = _Wanted(name, dict(self._stand_ins), dict(replace or {}))
        if self._wanted is None:
            self._take_from_last(wanted)
        module = importlib.import_module(name)
        vars(module).update(wanted.replace)
        self._wanted = self._wanted or wanted
        return module

    def _take_from_last(self, wanted: _Wanted) -> None:
        if wanted == self._kept_for:
            sys.modules.update(self._kept)
        self.forget()

    def forget(self) -> None:
        """Let go of the modules that were loaded last: they are loaded afresh."""
        self._kept, self._kept_for = {}, None

    def create(self, name: str) -> ModuleType:
        """Make the module that an import of `name` gets."""
        if name in self._stand_ins:
            return _StandIn(name, self._stand_ins[name], self)
        module = ModuleType(name)
        module.__file__ = f"{name}.py"
        return module

    def execute(self, module: ModuleType) -> None:
        """Run the student's text in `module`, unless it is a stand-in."""
        if isinstance(module, _StandIn):
            return
        name = module.__name__
        sys.modules[f"{PACKAGE}.{name}"] = module
        self.run(name, module)

    def run(self, name: str, module: ModuleType) -> None:
        """Run the student's text of `name` in a module. What it draws depends on the submission alone."""
        text = self.sources[name]
        found = builtins_for(name, text, self.has, lambda: self._loading > 0)
        vars(module)["__builtins__"] = found
        self._loading += 1
        try:
            with randomness.drawn_from(randomness.seed_of(self.sources, "module", name)):
                exec(_compiled(name, text), vars(module))
        finally:
            self._loading -= 1

    def has(self, name: str) -> bool:
        """Whether module `name` can be imported from here."""
        return name in self.sources or name in self._stand_ins

    def failure(self, error: BaseException) -> Failure:
        """Describe what student code raised, with the student's own frames only."""
        return describe(error, [f"{name}.py" for name in self.sources])


def describe(error: BaseException, files: Sequence[str]) -> Failure:
    """Describe an exception for a student: its verdict, its text, and those frames that are in `files`."""
    trace = traceback.extract_tb(error.__traceback__)
    frames = [frame for frame in trace if frame.filename in files]
    if isinstance(error, NotImplementedError) and frames and frames[-1] is trace[-1]:
        verdict = "not implemented"
    elif isinstance(error, MemoryError):
        verdict = "memory"
    else:
        verdict = "error"
    told = (f"{f.filename}, line {f.lineno}, in {f.name}: {(f.line or '').strip()}" for f in frames)
    lines = [line for line, _ in groupby(told)][-8:]  # of a function that calls itself without end one line
    if isinstance(error, SyntaxError) and error.filename in files:
        lines.append(f"{error.filename}, line {error.lineno}: {(error.text or '').strip()}")
        return Failure(verdict, type(error).__name__, of_syntax_error(error), "\n".join(lines))
    return Failure(verdict, type(error).__name__, _told(error, frames), "\n".join(lines))


def _told(error: BaseException, frames: Sequence[traceback.FrameSummary]) -> str:
    """An exception's text, with a sentence that helps where one is known."""
    text = "".join(line for frame in frames[-1:] for line in linecache.getlines(frame.filename))
    try:
        more = explained(error, text)
    except Exception:  # an exception of a student's own may do anything when it is looked at
        more = ""
    return f"{_text(error)}\n{more}" if more else _text(error)


def _text(error: BaseException) -> str:
    try:
        return str(error)[:2000]
    except Exception:
        return "(message unavailable)"


@lru_cache(maxsize=64)
def _split(text: str) -> tuple[str, ...]:
    return tuple(text.splitlines(keepends=True))


def _lines(text: str) -> list[str]:
    """A list of one's own: code that looks at tracebacks gets it, and may change it."""
    return list(_split(text))


@lru_cache(maxsize=64)
def _compiled(name: str, text: str) -> CodeType:
    """The code of a module. It cannot be changed, and a module that runs it is as fresh as before."""
    return compiled(runnable(text)[0], name)


class _StandIn(ModuleType):
    """A module of given functions; the student's own text runs only when another name is asked for."""

    def __init__(self, name: str, functions: Mapping[str, object], modules: Modules) -> None:
        super().__init__(name)
        vars(self).update(functions, __all__=list(functions), __file__=f"{name}.py")
        self._given = tuple(functions)
        self._modules = modules

    def __getattr__(self, attribute: str) -> object:
        name = self.__name__
        if attribute.startswith("__") or name not in self._modules.sources:
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}")
        own = ModuleType(name)
        self._modules.run(name, own)
        given = set(self._given)
        vars(self).update(
            {key: value for key, value in vars(own).items() if key not in given and key[:2] != "__"}
        )
        try:
            return vars(self)[attribute]
        except KeyError:
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}") from None


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Serves `name`, `student` and `student.name` from memory."""

    def __init__(self, modules: Modules) -> None:
        self.modules = modules

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        head, _, rest = fullname.partition(".")
        if fullname == PACKAGE:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        if self.modules.has(rest if head == PACKAGE else fullname):
            return importlib.machinery.ModuleSpec(fullname, self)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        head, _, rest = spec.name.partition(".")
        if spec.name == PACKAGE:
            return None
        return importlib.import_module(rest) if head == PACKAGE else self.modules.create(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        spec = module.__spec__
        if spec is not None and not spec.name.startswith(PACKAGE):
            self.modules.execute(module)

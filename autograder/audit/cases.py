"""What the grader is measured with: wheats (right), chaffs (wrong), mutants of the reference."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from autograder.audit.mutants import mutants
from autograder.checking.judge import DIRECT
from autograder.errors import ConvlabError
from autograder.lab import Lab, Question

WHEATS, CHAFFS, EQUIVALENT = "wheats", "chaffs", "mutants.toml"
"""The parts of a lab's folder of cases."""
_NAMED = "Misconception: "


class CaseError(ConvlabError):
    """A case cannot be used as it is; the text names the file and says what to do."""


@dataclass(frozen=True)
class Case:
    """One solution. `name` is the known mistake that it should be diagnosed as, if any."""

    kind: str
    function: str
    slug: str
    about: str
    question: str
    module: str
    text: str = field(repr=False)
    name: str = ""
    equivalent: str = ""

    @property
    def id(self) -> str:
        """Unique among all cases."""
        return f"{self.kind} {self.function}/{self.slug}"

    @property
    def right(self) -> bool:
        """Whether the grader must give it full marks."""
        return self.kind == "wheat"


def load_cases(lab: Lab, *, with_mutants: bool = True) -> list[Case]:
    """All cases by question. CaseError where one is not as it should be, or is there twice."""
    found: list[Case] = []
    for question in lab.auto_graded:
        if question.training:
            continue
        for function in question.functions:
            found += _of_function(lab, question, function)
            found += _mutants(lab, question, function) if with_mutants else []
    if with_mutants:
        _all_used(lab, found)
    return found


def code_of(text: str) -> str:
    """What is equal for two texts that differ only in docstrings, comments and layout."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return ast.dump(tree)


def _of_function(lab: Lab, question: Question, function: str) -> list[Case]:
    folders = ("wheat", lab.cases / WHEATS), ("chaff", lab.cases / CHAFFS), ("chaff", lab.misconceptions)
    paths = {path: kind for kind, folder in folders for path in sorted((folder / function).glob("*.py"))}
    cases = [_case(lab, question, function, kind, path) for path, kind in paths.items()]
    _none_twice(paths)
    return cases


def _none_twice(paths: Iterable[Path]) -> None:
    """CaseError where two files hold the same code, as a chaff and a known mistake easily do."""
    seen: dict[str, Path] = {}
    for path in paths:
        other = seen.setdefault(code_of(path.read_text("utf-8")), path)
        if other != path:
            raise CaseError(f"{other}: the same code as {path}, which would count twice; remove this one")


def _case(lab: Lab, question: Question, function: str, kind: str, path: Path) -> Case:
    text = path.read_text("utf-8")
    about, name = _told(lab, path, text)
    if lab.misconceptions in path.parents:
        name = path.stem.replace("_", " ")
    module = str(question.module)
    whole = f"{_reference(lab, module)}\n\n{text}"
    return Case(kind, function, path.stem, about, question.id, module, whole, name)


def _told(lab: Lab, path: Path, text: str) -> tuple[str, str]:
    """The first sentence of a case's docstring, and the known mistake that its last line names."""
    try:
        lines = (ast.get_docstring(ast.parse(text)) or "").splitlines()
    except SyntaxError as error:
        raise CaseError(f"{path}, line {error.lineno}: {error.msg}") from None
    if not lines:
        raise CaseError(f"{path}: has no docstring; begin with one that says what is right or wrong in it")
    last = lines[-1]
    name = last.removeprefix(_NAMED).strip().replace("_", " ") if last.startswith(_NAMED) else ""
    if name and name not in _names(lab.misconceptions):
        raise CaseError(f"{path}: there is no known mistake {name!r} in {lab.misconceptions} or in the judge")
    return lines[0], name


@cache
def _names(misconceptions: Path) -> frozenset[str]:
    bank = {path.stem.replace("_", " ") for path in misconceptions.rglob("*.py")}
    return frozenset(bank | {mistake.name for mistake in DIRECT})


def _reference(lab: Lab, module: str) -> str:
    return lab.reference()[module]


# ---- mutants ---------------------------------------------------------------------------------------


def _mutants(lab: Lab, question: Question, function: str) -> Iterator[Case]:
    module = str(question.module)
    equivalent = _equivalent(lab.cases / EQUIVALENT)
    for slug, text in _mutants_of(_reference(lab, module), function).items():
        why = equivalent.get(f"{function}: {slug}", "")
        yield Case("mutant", function, slug, slug, question.id, module, text, equivalent=why)


@cache
def _mutants_of(source: str, function: str) -> Mapping[str, str]:
    """The mutants of one function; to make all of them takes seconds."""
    return MappingProxyType(mutants(source, function))


@cache
def _equivalent(path: Path) -> dict[str, str]:
    """Why each mutant that behaves as the reference does is no mistake."""
    if not path.exists():
        return {}
    try:
        entries = tomllib.loads(path.read_text("utf-8")).get("equivalent", [])
        return {f"{entry['function']}: {entry['mutant']}": str(entry["why"]) for entry in entries}
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise CaseError(f"{path}: {error}; each [[equivalent]] needs function, mutant and why") from None


def _all_used(lab: Lab, cases: list[Case]) -> None:
    path = lab.cases / EQUIVALENT
    known = {f"{case.function}: {case.slug}" for case in cases if case.kind == "mutant"}
    if unused := sorted(set(_equivalent(path)) - known):
        raise CaseError(f"{path}: there is no such mutant (any more): {unused[0]}")

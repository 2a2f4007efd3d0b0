"""What the grader is measured with: wheats (right), chaffs (wrong), and what is made of right ones.

Mutants have one small change that makes them wrong, variants are rewritten so that they stay right. Nobody
who wrote a check has seen either.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

from autograder.audit.mutants import mutants
from autograder.audit.variants import variants
from autograder.checking.judge import DIRECT
from autograder.errors import ConvlabError
from autograder.lab import Lab, Question
from autograder.lab.reading import read_text, read_toml

WHEATS, CHAFFS, EQUIVALENT = "wheats", "chaffs", "mutants.toml"
"""The parts of a lab's folder of cases."""
_NAMED, _LIBRARY = "Misconception: ", "Library: "


class CaseError(ConvlabError):
    """A case cannot be used as it is; the text names the file and says what to do."""


@dataclass(frozen=True)
class Case:
    """One solution. `name` is the known mistake that it should be diagnosed as, if any.

    `library` are the kinds of library calls that do its work, where that is to be done by hand. `made_of` is
    the text of the wheat that a mutant or a variant was made of.
    """

    kind: str
    function: str
    slug: str
    about: str
    question: str
    module: str
    text: str = field(repr=False)
    name: str = ""
    equivalent: str = ""
    library: tuple[str, ...] = ()
    made_of: str = field(default="", repr=False)

    @property
    def id(self) -> str:
        """Unique among all cases."""
        return f"{self.kind} {self.function}/{self.slug}"

    @property
    def right(self) -> bool:
        """Whether the grader must give it full marks."""
        return self.kind in ("wheat", "variant")

    @property
    def diff(self) -> str:
        """What was changed in the wheat that this was made of."""
        before, after = (ast.unparse(ast.parse(text)).splitlines() for text in (self.made_of, self.text))
        return "\n".join(list(difflib.unified_diff(before, after, "wheat", self.kind, n=1, lineterm="")))


@dataclass(frozen=True)
class Made:
    """How many cases are made of the wheats of each function; None for all there are."""

    wheats: int = 10
    mutants: int | None = 20
    variants: int | None = 10
    variants_of_each: int = 8


SAMPLE, EVERYTHING = Made(), Made(mutants=None, variants=None)


def load_cases(lab: Lab, *, with_mutants: bool = True, made: Made | None = None) -> list[Case]:
    """All cases by question. CaseError where one is not as it should be, or is there twice.

    `with_mutants` adds the mutants of the reference, `made` mutants and variants of wheats.
    """
    found: list[Case] = []
    for question in lab.auto_graded:
        if question.training:
            continue
        for function in question.functions:
            written = _of_function(lab, question, function)
            found += written
            found += _mutants(lab, question, function) if with_mutants else []
            found += _made(lab, [case for case in written if case.right], made) if made else []
    if with_mutants:
        _all_used(lab, found, everything=made is not None and made.mutants is None)
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
        other = seen.setdefault(code_of(read_text(path)), path)
        if other != path:
            raise CaseError(f"{other}: the same code as {path}, which would count twice; remove this one")


def _case(lab: Lab, question: Question, function: str, kind: str, path: Path) -> Case:
    text = read_text(path)
    about, name, library = _told(lab, path, text)
    if unknown := sorted(set(library) - set(question.by_hand)):
        known = ", ".join(question.by_hand) or "none: it need not be answered by hand"
        raise CaseError(
            f"{path}: {unknown[0]!r} is no kind of call that {question.id} watches; those are {known}"
        )
    if lab.misconceptions in path.parents:
        name = path.stem.replace("_", " ")
    module = str(question.module)
    whole = f"{_reference(lab, module)}\n\n{text}"
    return Case(kind, function, path.stem, about, question.id, module, whole, name, library=library)


def _told(lab: Lab, path: Path, text: str) -> tuple[str, str, tuple[str, ...]]:
    """A docstring's first sentence, and the known mistake or the kinds of calls that its last line names."""
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
    library = last.removeprefix(_LIBRARY).split(",") if last.startswith(_LIBRARY) else []
    return lines[0], name, tuple(kind.strip() for kind in library)


@cache
def _names(misconceptions: Path) -> frozenset[str]:
    bank = {path.stem.replace("_", " ") for path in misconceptions.rglob("*.py")}
    return frozenset(bank | {mistake.name for mistake in DIRECT})


def _reference(lab: Lab, module: str) -> str:
    return lab.reference()[module]


# ---- made of wheats --------------------------------------------------------------------------------


def _made(lab: Lab, wheats: Sequence[Case], made: Made) -> Iterator[Case]:
    """Mutants of some wheats of a function, and variants of all of them: samples that are always the same."""
    chosen = _drawn(wheats, made.wheats)
    mutated = [case for wheat in chosen for case in _mutants_of_wheat(lab, wheat)]
    yield from _drawn(mutated, made.mutants)
    rewritten = [case for wheat in wheats for case in _variants_of(lab, wheat, made.variants_of_each)]
    yield from _drawn(rewritten, made.variants)


def _drawn(cases: Sequence[Case], count: int | None) -> list[Case]:
    """So many of some cases, in an order that depends on their names only."""
    return sorted(cases, key=lambda case: hashlib.sha256(case.slug.encode()).digest())[:count]


def _mutants_of_wheat(lab: Lab, wheat: Case) -> Iterator[Case]:
    reference = _reference(lab, wheat.module)
    equivalent = _equivalent(lab.cases / EQUIVALENT)
    for change, text in _mutants_of(_own_text(lab, wheat), "").items():
        slug = f"{wheat.slug}: {change}"
        why = equivalent.get(f"{wheat.function}: {slug}", "")
        yield _remade(wheat, "mutant", slug, change, f"{reference}\n\n{text}", why)


def _variants_of(lab: Lab, wheat: Case, count: int) -> Iterator[Case]:
    for slug, text in variants(_own_text(lab, wheat), count).items():
        whole = f"{_reference(lab, wheat.module)}\n\n{text}"
        yield _remade(wheat, "variant", f"{wheat.slug} {slug}", wheat.about, whole)


def _remade(wheat: Case, kind: str, slug: str, about: str, text: str, equivalent: str = "") -> Case:
    library = wheat.library if kind == "variant" else ()
    return replace(
        wheat,
        kind=kind,
        slug=slug,
        about=about,
        text=text,
        equivalent=equivalent,
        library=library,
        made_of=wheat.text,
    )


def _own_text(lab: Lab, wheat: Case) -> str:
    """A wheat without the reference before it."""
    return wheat.text.removeprefix(_reference(lab, wheat.module))


# ---- mutants of the reference ----------------------------------------------------------------------


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
        entries = read_toml(path).get("equivalent", [])
        return {
            f"{entry['function']}: {mutant}": str(entry["why"])
            for entry in entries
            for mutant in (entry["mutants"] if "mutants" in entry else [entry["mutant"]])
        }
    except (KeyError, TypeError) as error:
        told = f"{error}; each [[equivalent]] needs function, mutant (or mutants, a list) and why"
        raise CaseError(f"{path}: {told}") from None


def _all_used(lab: Lab, cases: list[Case], *, everything: bool) -> None:
    """CaseError for a reason that is given for no mutant; those of wheats' where all of these are here."""
    path = lab.cases / EQUIVALENT
    known = {f"{case.function}: {case.slug}" for case in cases if case.kind == "mutant"}
    wheats = {f"{case.function}: {case.slug}" for case in cases if case.kind == "wheat"}
    for entry in sorted(set(_equivalent(path)) - known):
        if everything or ": ".join(entry.split(": ")[:2]) not in wheats:
            raise CaseError(f"{path}: there is no such mutant (any more): {entry}")

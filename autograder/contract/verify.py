"""What of a contract can be verified without running anything: names exist, nothing is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autograder.checking.catalog import catalog
from autograder.contract.table import Clause, Contract, key, read_contract, texts, unquoted
from autograder.lab import Lab


@dataclass(frozen=True)
class Names:
    """What exists: checks by `question/name`, and the wrong and right solutions of each function."""

    checks: frozenset[str]
    chaffs: dict[str, frozenset[str]] = field(default_factory=dict)
    wheats: dict[str, frozenset[str]] = field(default_factory=dict)


def names_of(lab: Lab) -> Names:
    """What exists in a lab."""
    functions = [name for question in lab.auto_graded if not question.training for name in question.functions]
    return Names(
        frozenset(check.key for check in catalog(lab)),
        {name: _slugs(lab.cases / "chaffs" / name, lab.misconceptions / name) for name in functions},
        {name: _slugs(lab.cases / "wheats" / name) for name in functions},
    )


def _slugs(*folders: Path) -> frozenset[str]:
    return frozenset(path.stem for folder in folders for path in folder.glob("*.py"))


def problems(lab: Lab, contract: Contract, names: Names | None = None) -> list[str]:
    """Everything that does not hold, a line each.

    A clause has a check, a wrong solution that breaks no other clause, and a right one. Every check and every
    wrong solution is in some clause. Every word of a docstring is in a clause or explains something.
    """
    names = names or names_of(lab)
    said = texts(lab)
    found = [f"{name}: nothing in solutions/ has that name" for name in contract.parts if name not in said]
    for name, text in said.items():
        found += [f"{name}: {told}" for told in _of_part(contract, name, text)]
    for name in names.chaffs:
        told = _of_function(lab, contract.of(name), names, name)
        found += [f"{name}: {line}" for line in told]
    return found + [f"{check}: no clause needs this check" for check in _idle(lab, contract, names)]


def _of_part(contract: Contract, name: str, text: str) -> Iterator[str]:
    """Words that no clause has, and words that the text does not have."""
    part = contract.parts.get(name)
    if part is None:
        yield "the contract does not have it"
        return
    quotes = (*part.explains, *(words for clause in part.clauses for words in clause.words))
    left, missing = unquoted(text, quotes)
    yield from (f"its text does not say {words!r}" for words in missing)
    yield from (f"no clause has {words!r}, which explains nothing" for words in left)


def _of_function(lab: Lab, clauses: Iterable[Clause], names: Names, name: str) -> Iterator[str]:
    question = lab.question_of(name)
    assert question is not None, "only functions that a question asks for have chaffs"
    listed = Counter(chaff for clause in clauses for chaff in dict.fromkeys(clause.chaffs))
    for clause in clauses:
        for told in _of_clause(clause, names, question.id, name, listed):
            yield f"{clause.title!r}: {told}"
    for chaff in sorted(names.chaffs[name] - set(listed)):
        yield f"the chaff {chaff} breaks no clause"


def _of_clause(
    clause: Clause, names: Names, question: str, function: str, listed: Counter[str]
) -> Iterator[str]:
    if not clause.checks:
        yield "no check enforces it; give it one, or take it out of the docstring"
    if not any(listed[chaff] == 1 for chaff in clause.chaffs):
        yield "no chaff breaks it and nothing else"
    if not clause.wheat:
        yield "no wheat is at its edge"
    if clause.beside and not clause.why:
        yield "`beside` needs a `why`"
    yield from _no_check(clause, names, question)
    yield from _unknown(clause, names, function)


def unknown_parts(lab: Lab) -> list[str]:
    """The sections of the lab's contract that are of no module, and of no function that is asked for."""
    contract = read_contract(lab)
    said = texts(lab) if contract else {}
    return [name for name in contract.parts if name not in said] if contract else []


def unknown_names(lab: Lab) -> list[str]:
    """The checks and solutions that the lab's contract names and the lab does not have, a line each.

    A lab that was copied without its audit has no solutions; then only checks are looked at.
    """
    contract, names, audited = read_contract(lab), names_of(lab), lab.cases.is_dir()
    return [
        f"{function}: {clause.title!r}: {told}"
        for function in names.chaffs
        if contract is not None and (question := lab.question_of(function)) is not None
        for clause in contract.of(function)
        for told in (
            *_no_check(clause, names, question.id),
            *(_unknown(clause, names, function) if audited else ()),
        )
    ]


def _no_check(clause: Clause, names: Names, question: str) -> Iterator[str]:
    """The checks that a clause names and the lab does not have."""
    for check in (*clause.checks, *clause.beside):
        if key(check, question) not in names.checks:
            yield f"there is no check {key(check, question)}"


def _unknown(clause: Clause, names: Names, function: str) -> Iterator[str]:
    """The solutions that a clause names and the lab does not have."""
    for chaff in sorted(set(clause.chaffs) - names.chaffs[function]):
        yield f"there is no chaff {chaff}"
    if clause.wheat and clause.wheat not in names.wheats[function]:
        yield f"there is no wheat {clause.wheat}"


def _idle(lab: Lab, contract: Contract, names: Names) -> list[str]:
    """The checks that are in no clause."""
    used = {
        key(check, question.id)
        for question in lab.auto_graded
        if not question.training
        for function in question.functions
        for clause in contract.of(function)
        for check in clause.checks
    }
    return sorted(names.checks - used)

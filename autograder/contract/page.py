"""The contract as a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from autograder.checking.catalog import catalog
from autograder.checking.check import Check
from autograder.contract.table import Clause, Contract, key, read_contract
from autograder.lab import Lab, Question

HEAD = """\
# The contract

What the docstrings ask for, clause by clause: the checks that enforce it (*p*: public, *h*: hidden), the
wrong solutions (chaffs) that break it, and a right one (wheat) at its edge. A chaff in bold is in this clause
only: it passes every check of its question that is not named here, or for which a reason is given below.

`convlab cut` writes this page from [assignment/contract.toml](../assignment/contract.toml); the words are
quoted from `solutions/`. `convlab audit` fails when a clause lacks one of the three, when a check or a chaff
is in no clause, when words of a docstring are in none and explain nothing, and when a chaff does not break
just what the page says.
"""


def page_bytes(lab: Lab) -> bytes | None:
    """What the lab's docs/contract.md holds; None where the lab has no contract."""
    contract = read_contract(lab)
    return page(lab, contract).encode() if contract else None


def page(lab: Lab, contract: Contract) -> str:
    """The page."""
    checks = {check.key: check for check in catalog(lab)}
    parts = [
        part
        for question in lab.auto_graded
        if not question.training
        for function in question.functions
        for part in _function(contract, question, function, checks)
    ]
    return "\n".join([HEAD, *parts])


def _function(
    contract: Contract, question: Question, function: str, checks: Mapping[str, Check]
) -> Iterator[str]:
    clauses = contract.of(function)
    yield f"## {function} ({question.id}, {question.points:g} points)"
    yield ""
    yield "| clause | checks | broken by | at its edge |"
    yield "|---|---|---|---|"
    for clause in clauses:
        others = {chaff for other in clauses if other is not clause for chaff in other.chaffs}
        yield "| " + " | ".join(_cells(clause, question, others, checks)) + " |"
    yield ""
    for clause in clauses:
        if clause.why:
            yield f"- *{_safe(clause.title)}*: {clause.why}"
    if any(clause.why for clause in clauses):
        yield ""


def _cells(
    clause: Clause, question: Question, others: set[str], checks: Mapping[str, Check]
) -> Iterator[str]:
    yield _safe(clause.title)
    yield ", ".join(_check(name, question, checks) for name in clause.checks)
    yield ", ".join(f"`{name}`" if name in others else f"**`{name}`**" for name in clause.chaffs)
    yield f"`{clause.wheat}`" if clause.wheat else ""


def _check(name: str, question: Question, checks: Mapping[str, Check]) -> str:
    found = checks.get(key(name, question.id))
    return f"`{name}` ({'h' if found.hidden else 'p'})" if found else f"`{name}`"


def _safe(text: str) -> str:
    """Words of a docstring inside a table's cell."""
    return text.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_").replace("<", "&lt;")

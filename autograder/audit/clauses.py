"""Whether each wrong solution breaks just what the lab's contract says, and what it loses by that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from autograder.audit.running import Result
from autograder.contract import Clause, Contract, Pitfall
from autograder.contract.table import key
from autograder.grade import Verdict
from autograder.lab import Lab

Chaffs = Mapping[str, Sequence[Result]]
"""The chaffs of one function that were graded, by slug: two where a known mistake is coded in two ways."""


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Loss(_Row):
    """What a chaff loses, the points of the checks of the clauses that it breaks, and why they differ."""

    chaff: str
    clauses: tuple[str, ...]
    lost: float
    points: float
    why: str


class Broken(_Row):
    """A clause: what its checks are worth, and how many chaffs break it and nothing else."""

    function: str
    words: str
    points: float
    only: int
    why: str


class Found(_Row):
    """What an audit says of a contract. A problem is (case, about, problem)."""

    clauses: tuple[Broken, ...]
    losses: tuple[Loss, ...]
    problems: tuple[tuple[str, str, str], ...]


def compared(results: Sequence[Result], lab: Lab, contract: Contract) -> Found:
    """Compare graded chaffs with what the contract says of them."""
    clauses, losses, problems = list[Broken](), list[Loss](), list[tuple[str, str, str]]()
    chaffs = _chaffs(results)
    for function in contract.parts:
        question = lab.question_of(function)
        own = chaffs.get(function, {})
        if question is None or not own:
            continue
        terms = [_Term(clause, question.id) for clause in contract.of(function)]
        clauses += [_broken(function, term, terms, own) for term in terms]
        graded = [(result, _listing(terms, slug)) for slug, some in own.items() for result in some]
        losses += [_loss(result, listing) for result, listing in graded]
        problems += [
            (f"clause of {function}", term.clause.title, told)
            for term in terms
            for told in _of_term(term, terms, own)
        ]
        problems += [
            (result.case.id, result.case.about, told)
            for result, listing in graded
            for told in _of_chaff(result, listing)
        ]
    losses = [loss for loss in losses if loss.clauses]
    unexplained = (loss for loss in losses if not loss.why)
    problems += [(f"chaff {loss.chaff}", loss.clauses[0], _unexplained(loss)) for loss in unexplained]
    return Found(clauses=tuple(clauses), losses=tuple(losses), problems=tuple(problems))


def _chaffs(results: Iterable[Result]) -> dict[str, dict[str, list[Result]]]:
    """The chaffs that were graded, by function and slug."""
    found: dict[str, dict[str, list[Result]]] = {}
    for result in results:
        if result.case.kind == "chaff":
            found.setdefault(result.case.function, {}).setdefault(result.case.slug, []).append(result)
    return found


class _Term:
    """A clause with the checks of its question that belong to it."""

    def __init__(self, clause: Clause, question: str) -> None:
        self.clause = clause
        self.checks = frozenset(_names(clause.checks, question))
        self.beside = frozenset(_names(clause.beside, question))


def _names(checks: Sequence[str], question: str) -> Iterator[str]:
    """Those that are of this question, by their names."""
    for check in checks:
        owner, _, name = key(check, question).partition("/")
        if owner == question:
            yield name


def _listing(terms: Sequence[_Term], slug: str) -> list[_Term]:
    return [term for term in terms if slug in term.clause.chaffs]


def _of_chaff(result: Result, terms: Sequence[_Term]) -> Iterator[str]:
    """What a chaff fails that is of no clause beside which it is named."""
    if not terms:
        return
    allowed = frozenset[str]().union(*(term.checks | term.beside for term in terms))
    for check in sorted(failed(result) - allowed):
        yield f"also fails {check}, which is of no clause that it is to break"
    for term in terms:
        if not term.checks & failed(result, always=True):
            yield f"breaks {term.clause.title!r}, but none of its checks fails under every seed"


def _of_term(term: _Term, terms: Sequence[_Term], own: Chaffs) -> Iterator[str]:
    """Checks that are named in vain, a clause that no chaff breaks alone; where all chaffs were graded."""
    if not own.keys() >= set(term.clause.chaffs):
        return
    failing = frozenset[str]().union(*(failed(r) for slug in term.clause.chaffs for r in own[slug]))
    for check in sorted((term.checks | term.beside) - failing):
        yield f"none of its chaffs fails {check}"
    if not _only(term, terms, own) and not term.clause.why:
        yield "every chaff that breaks it fails checks of other clauses too; say why, or add one"


def _only(term: _Term, terms: Sequence[_Term], own: Chaffs) -> int:
    """How many chaffs break this clause and nothing else."""
    slugs = [slug for slug in term.clause.chaffs if slug in own and len(_listing(terms, slug)) == 1]
    return sum(failed(result) <= term.checks for slug in slugs for result in own[slug])


def _broken(function: str, term: _Term, terms: Sequence[_Term], own: Chaffs) -> Broken:
    points = _worth(next(iter(own.values()))[0], term.checks)
    only = _only(term, terms, own)
    return Broken(
        function=function, words=term.clause.title, points=round(points, 2), only=only, why=term.clause.why
    )


def _loss(result: Result, terms: Sequence[_Term]) -> Loss:
    """What a chaff loses at most under some seed. Nothing needs a reason where that is what it breaks."""
    lost = max(sum(check.max_score - check.score for check in run.question.checks) for run in result.runs)
    points = _worth(result, frozenset[str]().union(*(term.checks for term in terms)))
    whys = " ".join(dict.fromkeys(term.clause.why for term in terms if term.clause.why))
    titles = tuple(term.clause.title for term in terms)
    why = "the same" if abs(lost - points) < 0.005 else whys
    name = f"{result.case.function}/{result.case.slug}"
    return Loss(chaff=name, clauses=titles, lost=round(lost, 2), points=round(points, 2), why=why)


def _unexplained(loss: Loss) -> str:
    told = f"loses {loss.lost:g} points where what it breaks is worth {loss.points:g}"
    return f"{told}; the contract gives no `why`"


def _worth(result: Result, checks: frozenset[str]) -> float:
    return sum(check.max_score for check in result.runs[0].question.checks if check.name in checks)


def failed(result: Result, *, always: bool = False) -> frozenset[str]:
    """The checks that a case fails under some seed, or under every seed."""
    runs = [
        frozenset(c.name for c in run.question.checks if c.verdict is not Verdict.PASSED)
        for run in result.runs
    ]
    return frozenset.intersection(*runs) if always else frozenset[str]().union(*runs)


# ---- pitfalls ----------------------------------------------------------------------------------------


class Fallen(_Row):
    """A pitfall: the chaffs that fall into it and were graded, and those that public checks let through."""

    taught: str
    chaffs: tuple[str, ...]
    missed: tuple[str, ...]


def fallen(results: Sequence[Result], pitfalls: Sequence[Pitfall]) -> list[Fallen]:
    """Which chaffs of each pitfall no public check catches under every seed."""
    chaffs = _chaffs(results)
    graded = {f"{function}/{slug}": some for function, own in chaffs.items() for slug, some in own.items()}
    found = []
    for pitfall in pitfalls:
        names = tuple(name for name in pitfall.chaffs if name in graded)
        missed = tuple(name for name in names if not all(map(_seen_in_public, graded[name])))
        found.append(Fallen(taught=pitfall.taught, chaffs=names, missed=missed))
    return [one for one in found if one.chaffs]


def public(result: Result) -> frozenset[str]:
    """The checks of a case's question that students have."""
    checks = result.runs[0].question.checks
    return frozenset(check.name for check in checks if check.visibility == "visible")


def _seen_in_public(result: Result) -> bool:
    return bool(failed(result, always=True) & public(result))

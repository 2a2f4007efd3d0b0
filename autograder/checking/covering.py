"""Covering arrays of strength 2: few cases in which every two levels of different dimensions meet.

A lab writes down the inputs that a function must take as dimensions with levels, and says which levels
cannot go together. `Domain.rows` picks combinations; the lab draws numbers for them. Greedy, and not the
smallest array there is: a few dozen rows for ten dimensions.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

from autograder.checking.judge import Case, Reply, Wrong, on_its_own
from autograder.checking.student import Student, StudentFailure
from autograder.errors import let_go

Row = Mapping[str, str]
"""A level for each dimension."""
Pair = frozenset[tuple[str, str]]
"""Two dimensions, each with its level."""

CANDIDATES = 6
"""How many rows are tried for each that is taken."""
EXPLAINED = 0.75
"""The share of a level's rows that must fail before the level by itself explains the failures."""


@dataclass(frozen=True)
class Domain:
    """The inputs of one function.

    `allowed` says of a row, or of a part of one, whether its levels can go together. `owned` are levels that
    another check looks at by themselves. `cost` is how many more pairs a row must have to be worth its time.
    `besides` are rows for levels that are in no dimension, since to let them meet all others takes too long.
    """

    function: str
    dimensions: Mapping[str, Sequence[str]]
    allowed: Callable[[Row], bool]
    owned: Collection[tuple[str, str]] = ()
    cost: Callable[[Row], float] = lambda row: 0.0
    besides: Sequence[Row] = ()

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Rows in which all pairs occur; always the same ones."""
        chance, missing, rows = random.Random(0), _Missing(self._all()), list[Row](self.besides)
        for row in rows:
            missing.remove_all(row)
        # The least one first, since the order of a set differs from run to run.
        for pair in sorted(self._all(), key=sorted):
            if pair not in missing.pairs:
                continue
            made = (self._completed(dict(sorted(pair)), missing, chance) for _ in range(CANDIDATES))
            found = [row for row in made if row]
            if not found:
                missing.remove(pair)
                continue
            best = max(found, key=lambda row: len(pairs_of(row) & missing.pairs) - self.cost(row))
            rows.append({name: best[name] for name in self.dimensions})
            missing.remove_all(rows[-1])
        return tuple(rows)

    @cached_property
    def pairs(self) -> frozenset[Pair]:
        """Every two levels that can go together."""
        return frozenset(self._all()) & {pair for row in self.rows for pair in pairs_of(row)}

    @cached_property
    def left_out(self) -> frozenset[Pair]:
        """Every two levels that cannot, or that would take too long."""
        return frozenset(self._all()) - self.pairs

    def _all(self) -> Iterable[Pair]:
        for (one, levels), (two, others) in combinations(self.dimensions.items(), 2):
            for level, other in product(levels, others):
                yield frozenset(((one, level), (two, other)))

    def _completed(self, row: dict[str, str], missing: _Missing, chance: random.Random) -> Row | None:
        """A whole row with these levels and as many missing pairs as come about; None where there is none."""
        if not self.allowed(row):
            return None
        name = next((name for name in self.dimensions if name not in row), None)
        if name is None:
            return row

        known = row.items()

        def gain(level: str) -> tuple[int, float]:
            return -len(missing.partners[name, level].intersection(known)), chance.random()

        for level in sorted(self.dimensions[name], key=gain):
            if whole := self._completed({**row, name: level}, missing, chance):
                return whole
        return None


class _Missing:
    """The pairs that no row has yet, and of each level those that it has still to meet."""

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self.pairs = set(pairs)
        self.partners: defaultdict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        for one, other in self.pairs:
            self.partners[one].add(other)
            self.partners[other].add(one)

    def remove(self, pair: Pair) -> None:
        self.pairs.remove(pair)
        one, other = pair
        self.partners[one].remove(other)
        self.partners[other].remove(one)

    def remove_all(self, row: Row) -> None:
        """Remove the pairs that a row has."""
        for pair in pairs_of(row) & self.pairs:
            self.remove(pair)


def pairs_of(row: Row) -> set[Pair]:
    """The pairs of levels that occur in a row."""
    return {frozenset(pair) for pair in combinations(row.items(), 2)}


def judge_combinations(student: Student, probe: str, domain: Domain, cases: Sequence[Case]) -> None:
    """Judge a case for each row of the domain, asked for at once.

    What one of the `owned` levels explains by itself is left to the check that looks at that level: a mistake
    there costs points once.
    """
    arguments, judges = zip(*cases, strict=True)

    def judge(reply: Reply) -> None:
        failures: dict[int, Exception] = {}
        replies = reply.replies("replies", len(judges))
        for number, (judge_one, one) in enumerate(zip(judges, replies, strict=True)):
            try:
                judge_one(one)
            except Wrong as wrong:
                failures[number] = _alone(wrong)
        _insist(domain, failures)

    try:
        on_its_own(student, "each", judge, probe=probe, cases=list(arguments))
    except StudentFailure as failure:
        if failure.verdict != "error":
            raise
        _insist(domain, _one_by_one(student, probe, cases, domain))


def _one_by_one(student: Student, probe: str, cases: Sequence[Case], domain: Domain) -> dict[int, Exception]:
    """What goes wrong case by case, as far as it may be that one of the owned levels explains it all."""
    failures: dict[int, Exception] = {}
    for number, (given, judge_one) in enumerate(cases):
        try:
            on_its_own(student, probe, judge_one, **given)
        except (Wrong, StudentFailure) as failure:
            if isinstance(failure, StudentFailure) and failure.verdict != "error":
                raise
            failures[number] = _alone(failure)
            if not any(failures.keys() <= _having(domain, *owned) for owned in domain.owned):
                break
    return failures


def _alone(failure: Exception) -> Exception:
    """A failure without its traceback: that of each would keep its reply until the last one is known."""
    let_go(failure)
    return failure


def _having(domain: Domain, name: str, level: str) -> set[int]:
    """The numbers of the rows that have a level."""
    return {number for number, row in enumerate(domain.rows) if row[name] == level}


def _insist(domain: Domain, failures: Mapping[int, Exception]) -> None:
    """Raise the first failure, unless one of the owned levels explains all of them."""
    if not failures:
        return
    for name, level in domain.owned:
        having = _having(domain, name, level)
        if failures.keys() <= having and len(failures) >= EXPLAINED * len(having):
            return
    raise failures[min(failures)]

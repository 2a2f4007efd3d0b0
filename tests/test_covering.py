"""A covering array has every pair of levels that can go together, and what one level explains costs once."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import product

import pytest
from harness import ROOT, edited, failed, lab

from autograder.checking.covering import Domain, pairs_of

SMALL = Domain(
    "f",
    {"a": ("1", "2", "3"), "b": ("1", "2"), "c": ("1", "2", "3")},
    lambda row: (row.get("a"), row.get("b")) != ("1", "1") and (row.get("b"), row.get("c")) != ("2", "3"),
)


def test_every_pair_that_can_be_is_covered() -> None:
    names = list(SMALL.dimensions)
    possible = [dict(zip(names, levels, strict=True)) for levels in product(*SMALL.dimensions.values())]
    allowed = [row for row in possible if SMALL.allowed(row)]
    assert SMALL.pairs == {pair for row in allowed for pair in pairs_of(row)}
    assert all(SMALL.allowed(row) for row in SMALL.rows)
    # a=1 needs b=2, and b=2 excludes c=3: so a=1 and c=3 never meet.
    assert SMALL.left_out == {
        frozenset((("a", "1"), ("b", "1"))),
        frozenset((("b", "2"), ("c", "3"))),
        frozenset((("a", "1"), ("c", "3"))),
    }
    assert len(SMALL.rows) < len(allowed)


def test_rows_besides_the_table_are_taken_and_count_for_the_levels_in_it() -> None:
    more = {"a": "1", "b": "2", "c": "beyond"}
    domain = Domain("f", SMALL.dimensions, SMALL.allowed, besides=(more,))
    assert domain.rows[0] == more
    assert domain.pairs == SMALL.pairs


@pytest.mark.parametrize("number", range(8))
def test_the_labs_tables_are_covered(number: int) -> None:
    domain = lab().module("hidden.domains").DOMAINS[number]
    for row in domain.rows:
        assert domain.allowed(row)
        assert row.keys() == domain.dimensions.keys()
    assert all(
        any(row[name] == level for row in domain.rows)
        for name, levels in domain.dimensions.items()
        for level in levels
    )
    assert len(domain.left_out) <= 0.02 * len(domain.pairs)


def test_a_mistake_that_has_a_check_of_its_own_costs_it_once() -> None:
    single = edited("convolution", ("dtype=img.dtype", "dtype=torch.float32"))
    assert "combinations" not in failed("q2_2", single)
    assert "float64" in failed("q2_2", single)


@pytest.mark.slow
def test_the_rows_are_the_same_in_every_process() -> None:
    """Whatever the order in which this process's sets hold their elements."""
    text = (
        "from autograder.checking.covering import Domain\n"
        "rows = Domain('f', {n: ('1', '2', '3') for n in 'abcd'}, lambda row: True).rows\n"
        "print([list(row.items()) for row in rows])"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", text],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(printed) == 1

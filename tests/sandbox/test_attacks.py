"""Hostile submissions: the canaries stay whole, the verdict is honest, the next submission grades right."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import ordinary_user
import pytest
from attack_harness import ATTACKS, Attack, Canaries, attacks, contained, planted
from sandbox_harness import SETS, started
from tries import slow_but

from autograder.sandbox import Zygote

WHOLE = ("all", "accelerator")
"""Sets in which no layer is left out."""
ANYWHERE = ("denial", "late", "protocol")
"""Groups that seccomp, limits and protocol hold, in every set the same."""


@pytest.fixture(scope="module")
def canaries() -> Iterator[Canaries]:
    with planted() as made:
        yield made


@pytest.fixture(scope="module")
def under(zygote: Zygote) -> Iterator[Callable[[str], Zygote]]:
    """Gives a zygote with the set of layers asked for; one beside the full one lives at a time."""
    with ExitStack() as stack:
        running: dict[str, Zygote] = {}

        def get(layers: str) -> Zygote:
            if layers in WHOLE:
                return zygote
            if layers not in running:
                stack.close()
                running.clear()
                running[layers] = stack.enter_context(started(layers))
            return running[layers]

        yield get


def cases() -> list[Any]:
    """Every attack under all layers; under others, those that layers matter for. `make attacks` runs all.

    In a quick run it is a few of those under all layers.
    """
    every = [pytest.param("all", attack, id=f"all-{attack.name}") for attack in attacks("all")]
    return slow_but(8, every) + [
        pytest.param(layers, attack, id=f"{layers}-{attack.name}", marks=pytest.mark.slow)
        for layers in SETS
        if layers != "all"
        for attack in attacks(layers)
        if attack.group not in ANYWHERE
    ]


@pytest.mark.parametrize(("layers", "attack"), cases())
def test_an_attack_gains_nothing(
    under: Callable[[str], Zygote], canaries: Canaries, layers: str, attack: Attack
) -> None:
    contained(under(layers), attack, canaries, layers)


def test_there_are_enough_of_them_and_each_has_a_goal_of_its_own() -> None:
    goals = [attack.goal for attack in attacks()]
    assert len(set(goals)) == len(goals) >= 100


@pytest.mark.ci
@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_an_attack_gains_nothing_where_the_grader_is_an_ordinary_user() -> None:
    done = ordinary_user.run(ATTACKS / "count.py", "all")
    assert done.returncode == 0, done.stdout + done.stderr
    name, number, contained, missed = done.stdout.splitlines()[1].rsplit(maxsplit=3)
    assert (name, int(number), int(contained), int(missed)) == ("all, as a user", *[len(attacks())] * 2, 0)

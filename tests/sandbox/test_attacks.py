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

from autograder.sandbox import Zygote

ANYWHERE = ("denial", "late", "protocol")
"""Groups for which it hardly matters whether there are namespaces."""


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
            if layers not in running and layers != "all":
                stack.close()
                running.clear()
                running[layers] = stack.enter_context(started(layers))
            return zygote if layers == "all" else running[layers]

        yield get


def cases() -> list[Any]:
    """Every attack under all layers; under fewer, those that the layers matter for; the rest is slow."""
    found = []
    for layers in SETS:
        for attack in attacks():
            quick = layers == "all" or (layers == "container" and attack.group not in ANYWHERE)
            marks = () if quick else pytest.mark.slow
            found.append(pytest.param(layers, attack, id=f"{layers}-{attack.name}", marks=marks))
    return found


@pytest.mark.parametrize(("layers", "attack"), cases())
def test_an_attack_gains_nothing(
    under: Callable[[str], Zygote], canaries: Canaries, layers: str, attack: Attack
) -> None:
    contained(under(layers), attack, canaries)


def test_there_are_enough_of_them_and_each_has_a_goal_of_its_own() -> None:
    goals = [attack.goal for attack in attacks()]
    assert len(set(goals)) == len(goals) >= 100


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_an_attack_gains_nothing_where_the_grader_is_an_ordinary_user() -> None:
    done = ordinary_user.run(ATTACKS / "count.py", "all")
    assert done.returncode == 0, done.stdout + done.stderr
    name, number, contained, missed = done.stdout.splitlines()[1].rsplit(maxsplit=3)
    assert (name, int(number), int(contained), int(missed)) == ("all, as a user", *[len(attacks())] * 2, 0)

"""What one zygote's children take from another's: processes, threads and user ids are each one's own."""

from __future__ import annotations

import os
from pathlib import Path

import ordinary_user
import pytest
from sandbox_harness import LIMITS, started

from autograder.sandbox import SandboxError, Zygote, client, confine

HERE = Path(__file__).parent
ANSWERED = ["answered"] * 6
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")


@pytest.mark.ci
@as_root
@pytest.mark.parametrize("layers", ["all", "container"])
def test_one_lanes_threads_keep_no_other_lane_of_an_ordinary_user_from_its_child(layers: str) -> None:
    done = ordinary_user.run(HERE / "threads_as_user.py", layers)
    assert done.returncode == 0, done.stderr
    made, *answers = done.stdout.split()
    assert answers == ANSWERED, done.stdout
    assert made == "crashed" if layers == "container" else int(made) < client.THREADS


@pytest.mark.slow
@as_root
def test_two_zygotes_give_no_id_to_two_children(zygote: Zygote) -> None:
    with started("all") as other:
        users = [[_user(each) for _ in range(4)] for each in (zygote, other)]
    assert not set(users[0]) & set(users[1])
    assert [len(set(each)) for each in users] == [4, 4]
    assert all(user >= confine.FIRST_USER for user in users[0] + users[1])


def _user(zygote: Zygote) -> int:
    with zygote.child({}, LIMITS) as child:
        value = child.call("sandbox_probes:where", {})
    assert isinstance(value, list)
    assert isinstance(value[1], int)
    return value[1]


def test_each_block_of_ids_is_reserved_once_until_it_is_let_go() -> None:
    one, two = confine._reserved_block(), confine._reserved_block()
    assert one.number != two.number
    one.name.close()
    three = confine._reserved_block()
    assert three.number == one.number
    two.name.close()
    three.name.close()


def _refusing(zygote: Zygote, times: int, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Have the zygote say so many times that it cannot fork now; what it was asked."""
    usual = zygote._ask
    asked: list[object] = []

    def ask(order: dict[str, object], *rest: object) -> dict[str, object]:
        asked.append(order)
        if "rlimits" in order and len(asked) <= times:
            return {"again": "could not do as asked: Resource temporarily unavailable"}
        return usual(order, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(zygote, "_ask", ask)
    return asked


@pytest.mark.slow
def test_a_fork_that_is_refused_is_tried_again(zygote: Zygote, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _refusing(zygote, 3, monkeypatch)
    with zygote.child({}, LIMITS) as child:
        assert child.call("sandbox_probes:echo", {"value": 1}) == 1
    assert len([order for order in asked if "rlimits" in order]) == 4  # type: ignore[operator]


@pytest.mark.slow
def test_one_that_is_refused_for_long_is_the_graders_own_failure(
    zygote: Zygote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "FORK_SECONDS", 0.5)
    _refusing(zygote, 1000, monkeypatch)
    with pytest.raises(SandboxError, match=r"could not fork for 0.5 s: .*temporarily unavailable"):
        zygote.child({}, LIMITS)

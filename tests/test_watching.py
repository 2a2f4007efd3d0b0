"""A watch ends with its call, whatever that does and whoever else is looking."""

from __future__ import annotations

import cProfile
import sys
import threading
from collections.abc import Callable

import pytest
import torch
from torch.utils._python_dispatch import _get_current_dispatch_mode

from autograder import watching
from autograder.watching import TOO_MUCH, Seen, unwatched_for, watch

WATCHED = {"sorting": ("aten::sort*",)}


def sort() -> None:
    torch.ones(3).sort()


def watched(call: Callable[[], object]) -> Seen:
    """What a watch sees; none is entered afterwards."""
    before = sys.getprofile()
    try:
        return watch(call, WATCHED)
    finally:
        assert _get_current_dispatch_mode() is None
        assert sys.getprofile() is before


@pytest.mark.parametrize("bound", ["MOST_TURNS", "MOST_EVENTS"])
def test_a_watch_that_has_seen_enough_ends_wherever_that_is(
    bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = set()
    for most in range(400):
        monkeypatch.setattr(watching, bound, most)
        ends.add(watched(sort) == unwatched_for(TOO_MUCH))
    assert ends == {True, False}


def test_a_watch_under_a_profiler_sees_the_same_and_ends() -> None:
    profiler = cProfile.Profile()
    with profiler:
        seen = watched(sort)
        abs(-1)
    assert seen == watched(sort) != []
    assert any("abs" in str(entry.code) for entry in profiler.getstats())


def test_a_thread_that_outlives_its_watch_is_watched_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MOST_TURNS", 2_000)
    go, done = threading.Event(), threading.Event()

    def work() -> None:
        go.wait(30)
        for number in range(5_000):
            abs(number)
        torch.ones(3).sort()
        done.set()

    thread = threading.Thread(target=work, daemon=True)
    assert watched(thread.start) == []
    go.set()
    thread.join(30)
    assert done.is_set()

"""What many tests share: one warm grader for each process that runs tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from autograder.garbage import look_seldom

if TYPE_CHECKING:
    from autograder.grading import Grader

gc.disable()  # until everything is imported: there is no garbage yet, and each look for it takes long
look_seldom()
DEAR = ("zygote", "warm")
"""Fixtures that cost seconds to set up, once in each process."""


def pytest_configure(config: pytest.Config) -> None:
    """Prepare whoever runs tests; the process that only hands them out imports nothing."""
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        from tries import set_defaults

        set_defaults()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One process for each core, and one more where slow tests run: many of them wait for something."""
    return (os.cpu_count() or 1) + ("not slow" not in config.option.markexpr)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First what takes long, so that no process is left with it; then the tests that share what is dear.

    Few processes set that up, and each has it from then on.
    """
    items.sort(key=lambda item: (item.get_closest_marker("ci") is None, _dearest(item)))


def _dearest(item: pytest.Item) -> int:
    needed = getattr(item, "fixturenames", ())
    return next((number for number, name in enumerate(DEAR) if name in needed), len(DEAR))


def pytest_collection_finish() -> None:
    """What is imported stays: no collection needs to go through it."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def warm() -> Iterator[Grader]:
    """A grader of all questions but the training; `warm.variant(...)` has other options and costs nothing."""
    from harness import lab

    from autograder.grading import Grader, Options

    with Grader(lab(), Options(training=False, device="cpu")) as ready:
        yield ready

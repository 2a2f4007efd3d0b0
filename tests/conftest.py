"""What many tests share: one warm grader for each process that runs tests."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from harness import lab
from tries import set_defaults

from autograder.grading import Grader, Options

set_defaults()
gc.disable()  # until everything is imported: there is no garbage yet, and each look for it takes long


def pytest_collection_finish() -> None:
    """What is imported stays: no collection needs to go through it."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def warm() -> Iterator[Grader]:
    """A grader of all questions but the training; `warm.variant(...)` has other options and costs nothing."""
    with Grader(lab(), Options(training=False, device="cpu")) as ready:
        yield ready

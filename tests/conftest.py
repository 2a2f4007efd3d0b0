"""What many tests share: one warm grader for each process that runs tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from harness import lab

from autograder.grading import Grader, Options


@pytest.fixture(scope="session")
def warm() -> Iterator[Grader]:
    """A grader of all questions but the training; `warm.variant(...)` has other options and costs nothing."""
    with Grader(lab(), Options(training=False, device="cpu")) as ready:
        yield ready

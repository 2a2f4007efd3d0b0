"""Lanes on other machines: the workers of a Dask scheduler (the optional extra `dask`)."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager

import torch

from autograder.batch.aside import perform_aside
from autograder.batch.crew import Crew, Perform, Terms
from autograder.batch.jobs import Answer, order_of, settings_of
from autograder.batch.lanes import Lane, answer_in
from autograder.errors import UsageError
from autograder.grading import Grader
from autograder.submission import Submission

WINDOW = 256
"""Submissions on their way at a time: plenty for the workers, little memory here."""
PATIENCE = 30.0
"""Seconds that a scheduler may take to answer."""
INSTALL = "--scheduler needs the package distributed: pip install distributed"
_NOISY = ("distributed", "tornado", "asyncio")


class Remote:
    """A place in the queue of a crew. What was on a lost worker goes to another."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew

    def submit(self, submission: Submission, questions: Collection[str]) -> Future[Answer]:
        """Let some worker grade it."""
        return answer_in(self._crew.submit(order_of(submission, questions)))

    def restart(self) -> None:
        """The crew looks after its workers, and a worker after its helper."""


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def remote_lanes(
    address: str, grader: Grader, say: Callable[[str], None] = _say, perform: Perform = perform_aside
) -> Iterator[Sequence[Lane]]:
    """Lanes on the workers of the scheduler at `address`. UsageError when it cannot be reached.

    Args:
        address: the scheduler's, such as tcp://HOST:8786.
        grader: whose options and rules the workers must keep to.
        say: is given a line about each worker that gets no work, and why.
        perform: what a worker carries an order out with.
    """
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise UsageError(INSTALL) from None
    if not re.fullmatch(r"(\w+://)?\[?[^/\s]+\]?:\d+/?", address):
        raise UsageError(f"--scheduler {address}: not an address such as tcp://HOST:8786")
    terms = Terms(settings_of(grader, None), grader.rules, torch.__version__, grader.options.device == "cuda")
    with _quiet(), Crew(address, terms, perform, say, PATIENCE) as crew:
        yield [Remote(crew) for _ in range(WINDOW)]


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask logs with tracebacks what the crew reports in a line."""
    loggers = [logging.getLogger(name) for name in _NOISY]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)

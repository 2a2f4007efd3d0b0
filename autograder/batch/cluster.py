"""Lanes on other machines: the workers of a Dask scheduler (the optional extra `dask`)."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any

from autograder.batch.aside import perform_aside
from autograder.batch.jobs import Answer, order_of, settings_of
from autograder.batch.lanes import Lane, answer_in
from autograder.errors import UsageError
from autograder.grading import Grader
from autograder.submission import Submission

WINDOW = 256
"""Submissions on their way at a time: plenty for the workers, little memory here."""
PATIENCE = "30 s"
INSTALL = "--scheduler needs the package distributed: pip install 'convlab[dask]'"


class Remote:
    """A place in the queue of a scheduler. A lost worker's submissions go to another by Dask's own doing."""

    def __init__(self, executor: Executor, settings: bytes) -> None:
        self._executor = executor
        self._settings = settings

    def submit(self, submission: Submission, questions: Collection[str]) -> Future[Answer]:
        """Let some worker grade it."""
        order = order_of(submission, questions)
        return answer_in(self._executor.submit(perform_aside, self._settings, order), _lost)

    def restart(self) -> None:
        """The scheduler looks after its workers, and a worker after its helper."""


def _lost(error: BaseException) -> bool:
    return type(error).__name__ in ("KilledWorker", "HelperDied")


@contextmanager
def remote_lanes(address: str, grader: Grader) -> Iterator[Sequence[Lane]]:
    """Lanes on the workers of the scheduler at `address`. UsageError when it cannot be reached."""
    try:
        from distributed import Client
    except ImportError:
        raise UsageError(INSTALL) from None
    if not re.fullmatch(r"(\w+://)?\[?[^/\s]+\]?:\d+/?", address):
        raise UsageError(f"--scheduler {address}: not an address such as tcp://HOST:8786")
    try:
        client: Any = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError(f"--scheduler {address}: cannot be reached: {error}") from None
    with client:
        wanted: dict[str, Any] = {"pure": False}
        if grader.options.device == "cuda":
            wanted["resources"] = {"GPU": 1}
        executor = client.get_executor(**wanted)
        if not client.scheduler_info()["workers"]:
            print(f"no worker has connected to {address} yet: waiting for one", file=sys.stderr)
        try:
            settings = settings_of(grader, None)
            yield [Remote(executor, settings) for _ in range(WINDOW)]
        finally:
            executor.shutdown(wait=False)

"""Lanes: each grades one submission at a time, in this process or in one of its own."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from autograder.batch.jobs import Answer, answered, carry_out, order_of, perform, settings_of, settle
from autograder.grading import Grader
from autograder.submission import Submission

PRELOAD = ["autograder.batch.server"]


class Lane(Protocol):
    """Grades one submission at a time."""

    def submit(self, submission: Submission, questions: Collection[str]) -> Future[Answer]:
        """Grade these questions. ConvlabError, here or in the future, when the grader cannot be started."""

    def restart(self) -> None:
        """Begin again after a process died."""


class Here:
    """The lane in this process, with a grader that is started lazily, or already running."""

    def __init__(self, grader: Grader, stack: ExitStack | None = None) -> None:
        self._grader = grader
        self._stack = stack

    def submit(self, submission: Submission, questions: Collection[str]) -> Future[Answer]:
        """Grade at once. GraderError when the grader cannot be started; Ctrl-C is raised here, too."""
        if self._stack is not None:
            self._stack.enter_context(self._grader)
            self._stack = None
        future: Future[Answer] = Future()
        future.set_result(carry_out(self._grader, submission, questions))
        return future

    def restart(self) -> None:
        """Nothing died: this process is alive."""


class Beside:
    """A lane in a process of its own: when that dies, it is clear whose submission it was at.

    Forked from a server that has imported torch once and runs nothing: lanes share its pages, and start
    quickly. (A fork of this process would not be safe: it has threads.)
    """

    def __init__(self, settings: bytes) -> None:
        self._settings = settings
        self._pool = _pool()

    def submit(self, submission: Submission, questions: Collection[str]) -> Future[Answer]:
        """Grade in that process; in a new one where it died with nothing to do, which is no one's fault."""
        order = order_of(submission, questions)
        try:
            raw = self._pool.submit(perform, self._settings, order)
        except BrokenExecutor:
            self.restart()
            raw = self._pool.submit(perform, self._settings, order)
        return answer_in(raw)

    def restart(self) -> None:
        """A new process in the place of one that died."""
        self.close()
        self._pool = _pool()

    def close(self) -> None:
        """End the process, whatever it is at."""
        processes = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()


def answer_in(raw: Future[bytes], lost: Callable[[BaseException], bool] = lambda _: False) -> Future[Answer]:
    """The answer that another process gives as JSON. An error that `lost` knows is a process that died."""
    answer: Future[Answer] = Future()

    def pass_on(done: Future[bytes]) -> None:
        if done.cancelled():
            answer.cancel()
            return
        try:
            answer.set_result(answered(done.result()))
        except BaseException as error:
            answer.set_exception(BrokenExecutor(str(error)) if lost(error) else error)

    raw.add_done_callback(pass_on)
    return answer


def _pool() -> ProcessPoolExecutor:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    return ProcessPoolExecutor(max_workers=1, mp_context=context, initializer=settle)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0))


@contextmanager
def lanes(grader: Grader, jobs: int, root: Path) -> Iterator[Sequence[Lane]]:
    """This process's own lane for one job, or else as many processes."""
    with ExitStack() as stack:
        if jobs == 1:
            yield [Here(grader, stack)]
            return
        settings = settings_of(grader, root)
        beside = [Beside(settings) for _ in range(jobs)]
        for lane in beside:
            stack.callback(lane.close)
        yield beside

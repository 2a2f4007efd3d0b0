"""Lanes: each grades one submission at a time, in this process or in one of its own."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

from autograder.batch.jobs import carry_out, perform, settings_of, settle
from autograder.grading import Grader

T = TypeVar("T")
PRELOAD = ["autograder.batch.jobs"]


class Fault(str):
    """Why there is no grade, when it was the grader that failed, and no student's fault."""


class Lane(Protocol):
    """Somebody who grades: an order as JSON comes back as a grade as JSON."""

    def submit(self, order: bytes) -> Future[bytes]:
        """Grade one submission."""

    def restart(self) -> None:
        """Begin anew after a process died."""


class Inline(Executor):
    """An executor that does the work at once, in this process."""

    def submit(self, work: Callable[..., T], /, *arguments: object, **named: object) -> Future[T]:
        """Do the work; only what is no answer (Ctrl-C) is raised here."""
        future: Future[T] = Future()
        try:
            future.set_result(work(*arguments, **named))
        except Exception as error:
            future.set_exception(error)
        return future


class Here:
    """The lane in this process, with a grader that is entered when first needed, or is already."""

    def __init__(self, grader: Grader, stack: ExitStack | None = None) -> None:
        self._grader = grader
        self._stack = stack
        self._executor = Inline()

    def submit(self, order: bytes) -> Future[bytes]:
        """Grade one submission. GraderError when the grader cannot be started."""
        if self._stack is not None:
            self._stack.enter_context(self._grader)
            self._stack = None
        return self._executor.submit(carry_out, self._grader, order)

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

    def submit(self, order: bytes) -> Future[bytes]:
        """Grade one submission."""
        return self._pool.submit(perform, self._settings, order)

    def restart(self) -> None:
        """A process anew in the place of one that died."""
        self.close()
        self._pool = _pool()

    def close(self) -> None:
        """End the process, whatever it is at."""
        processes = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()


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

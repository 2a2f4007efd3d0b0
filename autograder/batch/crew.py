"""The workers of a Dask scheduler: who may grade, who is at what, and what becomes of it when one is lost.

Dask would give a task to any worker, to one without this package too. So the orders wait here, and each goes
to one worker that has introduced itself and grades as this machine would. A thread looks at the workers
twice a second: new ones are asked who they are, what was on a lost one fails as on a process that died, and
when the scheduler itself is gone, all that was on its way waits until it is back.
"""

from __future__ import annotations

import contextlib
import inspect
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, InvalidStateError, ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from autograder.errors import GraderError, UsageError
from autograder.text import cut, one_line

Perform = Callable[[bytes, bytes], bytes]
"""Carries out one order in a worker: settings and order in, an answer out."""
PAUSE = 0.5
ANSWER_SECONDS = 10.0
"""Within so many seconds a worker that cannot grade is named."""
LOST_SECONDS = 600.0
"""How long a scheduler that is gone is waited for."""
ASKED_AT_A_TIME = 16
_MAX_REASON = 400
_INTRODUCTION = """
import platform, socket
found = {"host": socket.gethostname(), "python": platform.python_version()}
try:
    from importlib.metadata import version
    found["torch"] = version("torch")
    from autograder.batch.crew import introduction
    found.update(introduction())
except Exception as error:
    found["why"] = f"{type(error).__name__}: {error}"
"""
_EXPRESSION = f"(lambda names: (exec({_INTRODUCTION!r}, names), names['found'])[1])({{}})"
"""Sent as text to Python's own `eval`, which a worker has whatever it lacks."""


def introduction() -> dict[str, str]:
    """What a worker says of the lab that it has. ConvlabError when it has none."""
    from autograder.grading import Grader
    from autograder.lab import load_lab

    return {"rules": Grader(load_lab()).rules}


@dataclass(frozen=True)
class Terms:
    """What a worker must keep to: settings for each order, digest of the rules, torch's version, a GPU."""

    settings: bytes
    rules: str
    torch: str
    gpu: bool

    def objection(self, found: dict[str, str]) -> str:
        """Why a worker that says this of itself gets no work; empty if it may grade."""
        why = found.get("why", "")
        if why.startswith("ModuleNotFoundError: No module named 'autograder"):
            return "it lacks the package: pip install this convlab there, not PyPI's of that name"
        if why.startswith("PackageNotFoundError"):
            return "it has no torch"
        if "torch" in found and _release(found["torch"]) != _release(self.torch):
            return f"it has torch {found['torch']}, this machine {self.torch}"
        if why:
            return f"it cannot grade: {why}"
        if found.get("rules") != self.rules:
            return "it has other checks, probes or points than this machine: bring its checkout up to date"
        return ""


def _release(version: str) -> str:
    """A version without its build: `2.13.0` of `2.13.0+cpu`."""
    return version.partition("+")[0]


@dataclass
class _Order:
    text: bytes
    future: Future[bytes] = field(default_factory=Future)


@dataclass
class _Worker:
    """One worker: how many orders it takes at a time, and its state: asked, then fit or refused."""

    address: str
    room: int
    host: str
    asked: Future[dict[str, str]]
    since: float
    fit: bool = False
    refused: str = ""
    named: bool = False
    busy: dict[Any, _Order] = field(default_factory=dict)


class Crew:
    """Hands orders to the workers of a scheduler. UsageError where that cannot be reached at first."""

    def __init__(
        self, address: str, terms: Terms, perform: Perform, say: Callable[[str], None], patience: float
    ) -> None:
        self._address = address
        self._terms = terms
        self._perform = perform
        self._say = say
        self._waiting: deque[_Order] = deque()
        self._workers: dict[str, _Worker] = {}
        self._finished: deque[tuple[_Worker, Any]] = deque()
        self._wake = threading.Event()
        self._over = False
        self._hopeless: float | None = None
        self._alone = False
        try:
            self._client: Any = self._connected(patience)
        except (OSError, ValueError, TimeoutError) as error:
            raise UsageError(f"--scheduler {address}: cannot be reached: {error}") from None
        self._askers = ThreadPoolExecutor(ASKED_AT_A_TIME, "convlab-asks")
        self._foreman = threading.Thread(target=self._work, name="convlab-crew", daemon=True)

    def __enter__(self) -> Crew:
        self._foreman.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._over = True
        self._wake.set()
        self._foreman.join(5)
        self._askers.shutdown(wait=False, cancel_futures=True)
        self._let_go()

    def submit(self, order: bytes) -> Future[bytes]:
        """The answer to one order. GraderError in it when no worker is left that may grade."""
        waiting = _Order(order)
        self._waiting.append(waiting)
        self._wake.set()
        return waiting.future

    # ---- the foreman's thread ------------------------------------------------------------------------

    def _work(self) -> None:
        looked = 0.0
        while not self._over:
            self._wake.wait(PAUSE)
            self._wake.clear()
            try:
                if time.monotonic() - looked > PAUSE:
                    self._look()
                    looked = time.monotonic()
                self._collect()
                self._hand_out()
            except (OSError, TimeoutError) as error:
                self._wait_for_scheduler(error)
            except Exception as error:  # whatever it is, those who wait for an answer must hear of it
                self._give_up(f"{type(error).__name__}: {error}")

    def _look(self) -> None:
        """Notice who has come and who has gone. OSError when the scheduler does not answer."""
        known = self._known_workers()
        for address in self._workers.keys() - known.keys():
            self._lost(self._workers.pop(address))
        for address in known.keys() - self._workers.keys():
            room = self._room(known[address])
            asked = self._askers.submit(self._ask, self._client, address)
            asked.add_done_callback(lambda _: self._wake.set())
            host = str(known[address].get("host", ""))
            self._workers[address] = _Worker(address, room, host, asked, time.monotonic())
        for worker in self._workers.values():
            self._judge(worker)
        self._look_for_hope()

    def _known_workers(self) -> dict[str, dict[str, Any]]:
        scheduler = self._client.scheduler
        every = (
            {"n_workers": -1}
            if "n_workers" in inspect.signature(self._client.scheduler_info).parameters
            else {}
        )
        found = self._client.sync(scheduler.identity, callback_timeout=ANSWER_SECONDS, **every)
        workers: dict[str, dict[str, Any]] = found["workers"]
        return workers

    def _room(self, facts: dict[str, Any]) -> int:
        """How many orders a worker takes at a time."""
        threads = int(facts.get("nthreads", 1))
        if not self._terms.gpu:
            return threads
        return min(threads, int(facts.get("resources", {}).get("GPU", 0)))

    @staticmethod
    def _ask(client: Any, address: str) -> dict[str, str]:
        answers = client.run(eval, _EXPRESSION, workers=[address], on_error="return")
        found = answers.get(address)
        return found if isinstance(found, dict) else {"why": f"{type(found).__name__}: {found}"}

    def _judge(self, worker: _Worker) -> None:
        """Take a worker on, or name it and say why not."""
        if worker.fit or worker.refused:
            return
        if worker.asked.done():
            if worker.asked.exception() is not None:
                found = {"why": str(worker.asked.exception())}
            else:
                found = worker.asked.result()
            worker.host = found.get("host", worker.host)
            objection = self._terms.objection(found)
            if not objection and worker.room < 1:
                objection = "it was started without --resources GPU=N"
            if objection:
                self._refuse(worker, objection)
            else:
                worker.fit = True
        elif not worker.named and time.monotonic() - worker.since > ANSWER_SECONDS - 1:
            worker.named = True
            self._say(f"{self._named(worker)} has not said yet who it is: it gets no work until it does")

    def _refuse(self, worker: _Worker, why: str) -> None:
        worker.fit, worker.refused = False, cut(one_line(why), _MAX_REASON)
        self._say(f"{self._named(worker)} gets no work: {worker.refused}")

    @staticmethod
    def _named(worker: _Worker) -> str:
        return f"worker {worker.address}" + (f" on {worker.host}" if worker.host else "")

    def _look_for_hope(self) -> None:
        """When there are workers and none may grade, wait a little for another, then give up."""
        workers = self._workers.values()
        if not workers and not self._alone and self._waiting:
            self._say(f"no worker has connected to {self._address} yet: waiting for one")
        self._alone = not workers
        if not workers or not all(worker.refused for worker in workers):
            self._hopeless = None
        elif self._hopeless is None:
            self._hopeless = time.monotonic()
        elif time.monotonic() - self._hopeless > ANSWER_SECONDS / 2:
            reasons = dict.fromkeys(worker.refused for worker in workers)
            self._give_up(f"no worker of {self._address} can grade: {'; '.join(list(reasons)[:3])}")

    def _give_up(self, why: str) -> None:
        orders = [*self._waiting, *(o for worker in self._workers.values() for o in worker.busy.values())]
        self._waiting.clear()
        for order in orders:
            _fail(order, GraderError(why))

    # ---- orders --------------------------------------------------------------------------------------

    def _hand_out(self) -> None:
        free = [w for w in self._workers.values() if w.fit and len(w.busy) < w.room]
        while free and self._waiting:
            worker = min(free, key=lambda each: len(each.busy) / each.room)
            order = self._waiting.popleft()
            if order.future.cancelled():
                continue
            wanted = {"resources": {"GPU": 1}} if self._terms.gpu else {}
            task = self._client.submit(
                self._perform,
                self._terms.settings,
                order.text,
                pure=False,
                workers=[worker.address],
                **wanted,
            )
            worker.busy[task] = order
            task.add_done_callback(lambda task, worker=worker: self._done(worker, task))
            if len(worker.busy) >= worker.room:
                free.remove(worker)

    def _done(self, worker: _Worker, task: Any) -> None:
        self._finished.append((worker, task))
        self._wake.set()

    def _collect(self) -> None:
        """Pass on what has come back."""
        while self._finished:
            worker, task = self._finished.popleft()
            order = worker.busy.pop(task, None)
            if order is None:
                continue  # it was lost, and is on its way again
            if task.status == "finished":
                self._answered(worker, order, task.result(timeout=ANSWER_SECONDS))
            elif task.status == "error":
                self._failed(worker, order, task.exception(timeout=ANSWER_SECONDS))
            else:
                self._waiting.appendleft(order)

    def _answered(self, worker: _Worker, order: _Order, answer: bytes) -> None:
        if answer.startswith(b'{"unable"'):
            self._refuse(worker, answer.partition(b'"unable": "')[2].decode("utf-8", "replace"))
            self._waiting.appendleft(order)
        else:
            with contextlib.suppress(InvalidStateError):
                order.future.set_result(answer)

    def _failed(self, worker: _Worker, order: _Order, error: BaseException) -> None:
        if isinstance(error, (ImportError, AttributeError)):  # it cannot even find what it is to call
            self._refuse(worker, f"{type(error).__name__}: {error}")
            self._waiting.appendleft(order)
        elif type(error).__name__ in ("HelperDied", "KilledWorker"):
            _fail(order, BrokenExecutor(str(error)))
        else:
            _fail(order, RuntimeError(f"{type(error).__name__}: {error}"))

    @staticmethod
    def _lost(worker: _Worker) -> None:
        for task, order in worker.busy.items():
            with contextlib.suppress(Exception):
                task.cancel()
            _fail(order, BrokenExecutor(f"{worker.address} was lost"))
        worker.busy.clear()

    # ---- the scheduler -------------------------------------------------------------------------------

    def _connected(self, patience: float) -> Any:
        from distributed import Client

        return Client(self._address, timeout=patience, set_as_default=False)

    def _wait_for_scheduler(self, why: Exception) -> None:
        """Put back all that was on its way, and wait until the scheduler answers again."""
        if self._over:
            return
        self._say(f"the scheduler at {self._address} is gone ({_short(why)}): waiting for it to come back")
        for worker in self._workers.values():
            self._waiting.extendleft(worker.busy.values())
            worker.busy.clear()
        self._workers.clear()
        self._finished.clear()
        self._let_go()
        deadline = time.monotonic() + LOST_SECONDS
        while not self._over:
            try:
                self._client = self._connected(ANSWER_SECONDS)
            except (OSError, ValueError, TimeoutError):
                if time.monotonic() > deadline:
                    self._over = True
                    self._give_up(f"the scheduler at {self._address} did not come back")
                time.sleep(PAUSE)
            else:
                self._say(f"the scheduler at {self._address} is back")
                return

    def _let_go(self) -> None:
        with contextlib.suppress(Exception):
            self._client.close(timeout=2)


def _fail(order: _Order, error: Exception) -> None:
    with contextlib.suppress(InvalidStateError):
        order.future.set_exception(error)


def _short(error: Exception) -> str:
    return cut(one_line(f"{type(error).__name__}: {error}".rstrip(": ")), 120)

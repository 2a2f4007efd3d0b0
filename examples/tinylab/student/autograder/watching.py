"""Watches what a call runs: torch's operators however they are reached, and the functions of libraries.

A watched call is one more call, after those that count: what it returns, prints and draws is thrown away, so
that being watched changes nothing. The lab says which operations it wants to hear of; none is known here.
"""

from __future__ import annotations

import contextlib
import io
import random
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from threading import get_ident
from types import FrameType
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

BACKWARD = "autograd::backward"
"""What an operator that runs in a backward pass is seen as, whatever it is."""
MOST_EVENTS = 5_000
"""So many operators or calls are looked at; a call that makes more is not watched to its end."""
MOST_TURNS = 50_000
"""So many times Python's own calls and returns are looked at, most of which are no library's."""
MOST_SEEN = 50
Watched = Mapping[str, Sequence[str]]
"""By kind: patterns of operations, `aten::sort*` for an operator, `numpy:sort` for a function."""
Seen = list[list[str | int]]
"""For each operation that was seen: its kind, its name, and the student's file and line that ran it."""


UNWATCHED = "not watched"
"""The kind of sighting that stands for a call which was not watched, or not to its end."""
OTHERWISE, TOO_MUCH, TOO_LONG = (
    "it fails where it is watched, and not where it is not",
    "it runs too many operations",
    "it takes too long",
)
"""Why; quick calls with small tensors are watched, so all of these are rare."""


class _Enough(BaseException):
    """The call has been watched for long enough."""


class Watch(TorchDispatchMode):
    """Notes operations of the watched kinds while it is entered; within `unwatched`, none."""

    paused = False
    running = 0

    def __init__(self, watched: Watched) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._watched = watched
        self._kinds: dict[str, str] = {}
        self._names: dict[Any, str] = {}
        self._packages = {p.partition(":")[0] for ps in watched.values() for p in ps if "::" not in p}
        self._events = self._turns = 0
        self._profile: Any = None
        self._threads: set[int] = set()
        self.seen: dict[tuple[str, str, str, int], None] = {}
        self.complete = True
        self._over = False

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Whether torch is to wrap `__torch_dispatch__`, which takes longer than most operators do."""
        return False

    def __enter__(self) -> Any:
        Watch.running += 1
        self._profile, self._threads = sys.getprofile(), {get_ident()}
        threading.setprofile(self._called)
        entered = super().__enter__()  # type: ignore[no-untyped-call]
        sys.setprofile(self._called)
        return entered

    def __exit__(self, *error: Any) -> None:
        Watch.running -= 1
        sys.setprofile(None)
        self._over = True  # a thread that goes on, and has this mode for good, is watched no longer
        threading.setprofile(None)
        super().__exit__(*error)  # type: ignore[no-untyped-call]
        _profile_again(self._profile)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Note the operator, and run it. What that calls in Python is torch's own, and costs less unseen."""
        profile = sys.getprofile()
        sys.setprofile(None)
        try:
            if not Watch.paused and not self._over:
                backward = torch._C._current_autograd_node() is not None
                self._note(BACKWARD if backward else self._name(func), sys._getframe(1))
            return func(*args, **(kwargs or {}))
        finally:
            _profile_again(profile)

    def _name(self, func: Any) -> str:
        name = self._names.get(func)
        if name is None:
            name = self._names[func] = str(func._schema.name)
        return name

    def _called(self, frame: FrameType, event: str, arg: Any) -> None:
        """Note the call of a library's function, in Python or in C; in a new thread, watch that as well."""
        if self._over:
            sys.setprofile(None)
            return
        if frame.f_code in _OWN:  # what is raised here would leave the mode entered
            return
        if get_ident() not in self._threads:
            self._threads.add(get_ident())
            super().__enter__()  # type: ignore[no-untyped-call]
        if Watch.paused:
            return
        self._turns += 1
        if self._turns > MOST_TURNS:
            self._stop()
        elif event == "call":
            self._consider(frame.f_globals.get("__name__"), frame.f_code.co_name, frame)
        elif event == "c_call":
            self._consider(getattr(arg, "__module__", None), arg.__name__, frame)

    def _consider(self, module: object, function: str, frame: FrameType) -> None:
        package = module.partition(".")[0] if isinstance(module, str) else ""
        if package in self._packages and self._kind(name := f"{package}:{function}"):
            self._note(name, frame)

    def _note(self, name: str, frame: FrameType | None) -> None:
        self._events += 1
        if self._events > MOST_EVENTS:
            self._stop()
        elif kind := self._kind(name):
            while frame is not None and not _students(frame.f_code.co_filename):
                frame = frame.f_back
            place = (frame.f_code.co_filename, frame.f_lineno) if frame else ("", 0)
            self.seen.setdefault((kind, name, *place))

    def _kind(self, name: str) -> str:
        kind = self._kinds.get(name)
        if kind is None:
            kind = self._kinds[name] = _kind(name, self._watched)
        return kind

    def _stop(self) -> None:
        first, self.complete = self.complete, False
        if first:
            raise _Enough


_OWN = (Watch.__enter__.__code__, Watch.__exit__.__code__)


def _profile_again(profile: Any) -> None:
    """Set what `sys.getprofile` returned: a function, or a profiler written in C, which cannot be called."""
    if profile is None or callable(profile):
        sys.setprofile(profile)
    else:
        profile.enable()


def _kind(name: str, watched: Watched) -> str:
    return next((kind for kind, ps in watched.items() if any(fnmatchcase(name, p) for p in ps)), "")


def _students(filename: str) -> bool:
    """Whether code is of a submission: its modules have a file's name and no folder."""
    return filename.endswith(".py") and "/" not in filename and "\\" not in filename


def watching() -> bool:
    """Whether there is a watch at all."""
    return Watch.running > 0


@contextlib.contextmanager
def unwatched() -> Iterator[None]:
    """Keep what runs in here out of every watch."""
    before, Watch.paused = Watch.paused, True
    try:
        yield
    finally:
        Watch.paused = before


def watch(call: Callable[[], object], watched: Watched) -> Seen:
    """What a call ran of the watched kinds; of one that does not bear being watched, that and why."""
    seeing = Watch(watched)
    with contextlib.redirect_stdout(_Nowhere()), _same_draws():
        try:
            with seeing:
                call()
        except _Enough:
            pass
        except Exception:
            return unwatched_for(OTHERWISE)
    if not seeing.complete:
        return unwatched_for(TOO_MUCH)
    return [list(each) for each in list(seeing.seen)[:MOST_SEEN]]


def unwatched_for(why: str) -> Seen:
    """What is said of a call that was not watched, or not to its end."""
    return [[UNWATCHED, why, "", 0]]


@contextlib.contextmanager
def _same_draws() -> Iterator[None]:
    """Leave torch's and Python's random numbers as they are."""
    states = torch.get_rng_state(), random.getstate()
    try:
        yield
    finally:
        torch.set_rng_state(states[0])
        random.setstate(states[1])


class _Nowhere(io.TextIOBase):
    """Takes what is printed and keeps nothing."""

    def write(self, text: str) -> int:
        return len(text)

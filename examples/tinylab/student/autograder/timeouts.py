"""Time-outs: their words, the same in a grade and in a student's folder, and the line where the code was."""

from __future__ import annotations

import _thread
import contextlib
import linecache
import signal
import sys
import threading
import time
from collections.abc import Container, Mapping
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any

LOOK = 0.05
"""Seconds between two looks at the clocks."""
_DEBUGGERS = ("bdb.py", "pdb.py", "pydevd.py", "pydevd_frame.py")


def cpu_used_up(seconds: float) -> str:
    """What is said where code has computed for too long."""
    return f"Used more than {seconds:g} s of CPU time"


def no_answer(seconds: float, cpu_seconds: float) -> str:
    """What is said where code has taken too long, with the CPU time that it used meanwhile."""
    return f"No answer within {seconds:g} s ({cpu_seconds:.1f} s of CPU time used)"


def not_loaded(module: str, seconds: float, cpu_seconds: float) -> str:
    """What is said where it was the import of a module that took too long."""
    return f"{module}.py could not be loaded within {seconds:g} s, or within {cpu_seconds:g} s of CPU time"


class TimedOut(Exception):
    """Code took too long. The text says so, `trace` where it was, `loading` which module it was part of."""

    def __init__(self, message: str, trace: str, loading: str) -> None:
        super().__init__(message)
        self.message = message
        self.trace = trace
        self.loading = loading


class _Stop(BaseException):
    """Raised inside code that takes too long; no `except Exception` there catches it."""


@dataclass(frozen=True)
class TimeLimit:
    """How long code may run in this process, by the clock and by the CPU time of its thread."""

    wall_seconds: float
    cpu_seconds: float

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> TimeLimit:
        """The limit in a lab's facts.json or assignment.toml. KeyError and the like where there is none."""
        return cls(float(facts["limits"]["wall_seconds"]), float(facts["limits"]["cpu_seconds"]))


class Watch:
    """While this is entered in the main thread, code that takes too long is stopped. TimedOut says so.

    `files` are the names of the files that are the student's own. Elsewhere than in the main thread, where
    Python cannot be interrupted, and in a debugger nothing is stopped.
    """

    def __init__(self, limit: TimeLimit | None, files: Container[str]) -> None:
        self._limit = limit
        self._files = files
        self._over = ""
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._place = ("", "")

    def __enter__(self) -> Watch:
        self._on = self._limit is not None and threading.current_thread() is threading.main_thread()
        if self._on:
            self._before = signal.signal(signal.SIGINT, self._interrupted) or signal.SIG_DFL
            self._main = threading.get_ident()
            self._begun = time.monotonic(), _cpu_seconds(self._main)
            threading.Thread(target=self._look, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if not self._on:
            return
        with self._lock:
            self._done.set()
        with contextlib.suppress(_Stop):
            if self._over and kind is not _Stop:
                time.sleep(10 * LOOK)  # an interrupt that is under way comes here, and nowhere later
        signal.signal(signal.SIGINT, self._before)
        if self._over:
            place, loading = self._place
            assert self._limit is not None
            limits = self._limit.wall_seconds, self._limit.cpu_seconds
            raise TimedOut(not_loaded(loading, *limits) if loading else self._over, place, loading) from None

    def _look(self) -> None:
        """Look at the clocks, in a thread of its own, and interrupt the main one."""
        assert self._limit is not None
        while not self._done.wait(LOOK):
            taken = time.monotonic() - self._begun[0]
            used = _cpu_seconds(self._main) - self._begun[1]
            if used > self._limit.cpu_seconds:
                over = cpu_used_up(self._limit.cpu_seconds)
            elif taken > self._limit.wall_seconds:
                over = no_answer(self._limit.wall_seconds, used)
            else:
                continue
            if _debugged(sys._current_frames().get(self._main)):
                return
            with self._lock:
                if not self._done.is_set():
                    self._over = self._over or over
                    _interrupt(self._main)

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        """What the main thread does when it is interrupted: by the watch, or by Ctrl+C."""
        if not self._over:
            raise KeyboardInterrupt
        if not self._place[0]:
            self._place = where(frame, self._files)
        raise _Stop


def where(frame: FrameType | None, files: Container[str]) -> tuple[str, str]:
    """The innermost line of a student's own, and the module that was being loaded: "" where there is none."""
    place = loading = ""
    while frame is not None:
        code = frame.f_code
        if code.co_filename in files:
            text = linecache.getline(code.co_filename, frame.f_lineno).strip()
            place = place or f"{code.co_filename}, line {frame.f_lineno}, in {code.co_name}: {text}"
            if code.co_name == "<module>":
                loading = code.co_filename.removesuffix(".py")
        frame = frame.f_back
    return place, loading


def _debugged(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.replace("\\", "/").endswith(_DEBUGGERS):
            return True
        frame = frame.f_back
    return False


def _interrupt(thread: int) -> None:
    """Interrupt the main thread, also in a system call that waits."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(thread, signal.SIGINT)
    else:
        _thread.interrupt_main()


def _cpu_seconds(thread: int) -> float:
    """The CPU time that a thread has used; of the whole process where the system does not tell."""
    with contextlib.suppress(AttributeError, OSError):
        return time.clock_gettime(time.pthread_getcpuclockid(thread))
    return time.process_time()

"""A bound for checks: one that never ends is a fault of the lab's, and must not stop a class's grading.

Only the grader's own CPU time counts, so a check may wait for student code as long as that may take. And only
the lab's own lines are interrupted: how long the engine reads a reply is up to who sent it.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from autograder.checking.check import Check
from autograder.lab import Lab

LEAST, TIMES = 30.0, 3.0
"""A check may take so many seconds of CPU time, and so many times what the question's answer may take."""
_AGAIN = 0.2
"""Seconds until the next look, where a check caught the exception, or the engine was at work."""
ENGINE = Path(__file__).resolve().parents[1]


class Endless(BaseException):
    """A check does not end; the text is `file:line: what; remedy`. `except Exception` does not catch it."""


@contextlib.contextmanager
def bounded(check: Check, lab: Lab) -> Iterator[None]:
    """Raise Endless inside a check that computes for too long, where this is the main thread."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    seconds = seconds_for(check, lab)

    def over(number: int, frame: FrameType | None) -> None:
        if place := _place(frame, lab.folder):
            told = (
                f"the check {check.function} does not end: it took over {seconds:g} s of CPU time by itself"
            )
            raise Endless(f"{place}: {told}; see to it that its loops end")

    before = signal.signal(signal.SIGVTALRM, over) or signal.SIG_DFL
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def seconds_for(check: Check, lab: Lab) -> float:
    """How much CPU time a check may take by itself: far more than any needs, on whatever machine."""
    asked = {question.id: question for question in lab.questions}.get(check.question)
    return max(LEAST, TIMES * lab.limits_of(asked, full=True).cpu_seconds) if asked else LEAST


def _place(frame: FrameType | None, folder: Path) -> str:
    """The line that is running, if it is one of this folder; "" while the engine does something for it."""
    while frame is not None:
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(folder):
            return f"{file}:{frame.f_lineno}"
        if file.is_relative_to(ENGINE):
            return ""
        frame = frame.f_back
    return ""

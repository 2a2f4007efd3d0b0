"""What goes wrong, as exceptions that carry their exit status."""

from __future__ import annotations

USAGE, GRADER, INTERRUPTED = 2, 3, 130
"""Exit statuses: bad usage, or input that cannot be used; a fault of the grader itself; Ctrl-C."""


class ConvlabError(Exception):
    """The base of every exception whose text is meant for people. `status` is the exit status it leads to."""

    status = USAGE


class UsageError(ConvlabError):
    """Something was asked for that cannot be done here; the text says what to do."""


class OptionError(UsageError):
    """Options that do not go together or cannot be met; `options` are their names, for who shows the text."""

    def __init__(self, text: str, *options: str) -> None:
        super().__init__(text)
        self.options = options


class GraderError(ConvlabError):
    """The grader itself failed: no grade can be given, and it is not the student's fault."""

    status = GRADER


class LabError(ConvlabError):
    """The lab's own files are missing or wrong; the text names file, line or key, and the remedy."""


def let_go(error: BaseException | None) -> None:
    """Drop the tracebacks of an exception and of all behind it: their frames keep what student code sent.

    An exception that a frame of its own traceback knows would stay until the collector looks for cycles, and
    it counts objects, not the memory behind them.
    """
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            waiting += [one.__context__, one.__cause__]
            one.__traceback__ = one.__context__ = one.__cause__ = None


def reason(error: Exception) -> str:
    """Why the system refused, in its words."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)

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


def reason(error: Exception) -> str:
    """Why the system refused, in its words."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)

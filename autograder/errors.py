"""What goes wrong, as exceptions that carry their exit status."""

from __future__ import annotations

USAGE, GRADER = 2, 3
"""Exit statuses: bad usage, or input that cannot be used; a fault of the grader itself."""


class ConvlabError(Exception):
    """The base of every exception whose text is meant for people. `status` is the exit status it leads to."""

    status = USAGE


class UsageError(ConvlabError):
    """Something was asked for that cannot be done here; the text says what to do."""


class GraderError(ConvlabError):
    """The grader itself failed: no grade can be given, and it is not the student's fault."""

    status = GRADER


class LabError(ConvlabError):
    """The lab's own files are missing or wrong; the text names file, line or key, and the remedy."""

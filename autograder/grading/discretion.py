"""What a student may read of a hidden check: nothing that could carry what the check gave to their code.

Whatever student code chooses could echo a hidden input: the text of an exception, its traceback, an exit
status, how long it ran. So of a hidden check they see its family, its hint, the verdict's word and, once per
question, the kind of a built-in exception and the innermost line of their own text, that of a time-out too.
docs/threat-model.md counts what that leaves.
"""

from __future__ import annotations

import builtins
import re

from autograder.checking.check import Check
from autograder.checking.judge import Told
from autograder.checking.student import NOT_LOADED, UNREADABLE, StudentFailure

_NOT_PYTHON = ("SyntaxError", "IndentationError", "TabError")
"""What a hint about the question would be out of place for."""
_ENDINGS = {
    "timeout": "It took too long in a hidden check.",
    "memory": "Out of memory in a hidden check.",
    "crashed": "The program ended, or answered with something malformed, in a hidden check.",
}
_IN_FUNCTION = re.compile(r"^(\w+\.py, line \d+), in [^:]*:")


class Discretion:
    """The messages of one submission's hidden checks."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[str, str]] = {}

    def message(self, check: Check, error: BaseException) -> str:
        """What the student reads of a hidden check that ended with `error`."""
        family = f"Hidden check: {check.family}."
        if not isinstance(error, StudentFailure):
            told = f"{error} " if isinstance(error, Told) else ""
            return f"{family} {told}{check.hint}".rstrip()
        if error.kind == UNREADABLE:
            return error.message  # the grader's own words about a file
        kind, line = self._once(check.question, error)
        loading = bool(line) and ", in <module>:" in error.trace
        if error.verdict == "not implemented":
            return f"Not implemented yet.\n{line}".rstrip()
        if error.verdict == "timeout":
            told = error.message if error.kind == NOT_LOADED else f"{_ENDINGS['timeout']} {check.hint}"
            return f"{family} {told}".rstrip() + f"\n{line}".rstrip()
        if error.verdict != "error":
            return f"{family} {_ENDINGS[error.verdict]} {check.hint}".rstrip()
        if kind in _NOT_PYTHON:
            return f"{family} {kind}: Python cannot read the module.\n{line}".rstrip()
        if loading:
            return f"{family} {kind} was raised while the module was loaded.\n{line}".rstrip()
        return f"{family} {kind} was raised. {check.hint}".rstrip() + f"\n{line}".rstrip()

    def _once(self, question: str, error: StudentFailure) -> tuple[str, str]:
        """The kind and the line of a question's first failure; of another one no more than that it failed."""
        known = isinstance(getattr(builtins, error.kind, None), type)
        innermost = error.trace.rpartition("\n")[2]
        found = (error.kind if known else "An exception", _IN_FUNCTION.sub(r"\1:", innermost))
        return found if self._said.setdefault(question, found) == found else ("An exception", "")

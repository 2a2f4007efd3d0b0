"""What came of one public check, as a student is told it: first what helps, then the details."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from autograder.checking.check import Check
from autograder.checking.diagnosis import KnownMistake
from autograder.checking.judge import Compared
from autograder.checking.student import StudentFailure

PASSED, WRONG, NOT_STARTED = "passed", "wrong", "not implemented"
PLACE = re.compile(r"^(?P<file>[^,\n]+\.py), line (?P<line>\d+)", re.MULTILINE)
"""A line of a trace, which names a file and a line of a student's."""


@dataclass(frozen=True, eq=False)
class PublicOutcome:
    """One check with its verdict.

    `help` is the known mistake, where there is one; `problem` says what is wrong; `call` says what was called
    with which arguments; `trace` holds the student's own lines that an exception went through, the innermost
    last. `compared` are the tensors that differ, where they are small enough to be shown.
    """

    question: str
    title: str
    verdict: str
    help: str = ""
    problem: str = ""
    call: str = ""
    trace: str = ""
    compared: Compared | None = None

    @property
    def passed(self) -> bool:
        """Whether the check passed."""
        return self.verdict == PASSED

    @property
    def place(self) -> str:
        """`model.py, line 38`: the innermost line of the student's own; empty where none is known."""
        found = list(PLACE.finditer(self.trace))
        return f"{found[-1]['file']}, line {found[-1]['line']}" if found else ""

    @property
    def summary(self) -> str:
        """What is wrong, in a line or two, without the tensors that a table can show better."""
        if self.verdict == NOT_STARTED:
            return f"Not implemented yet: open {self.place}." if self.place else "Not implemented yet."
        return self.problem.partition("\ngot\n")[0] if self.compared else self.problem

    @property
    def text(self) -> str:
        """All of it as plain text, what helps first."""
        if self.passed:
            return ""
        if self.verdict == NOT_STARTED:
            return self.summary
        called = f"Called: {self.call}" if self.call else ""
        return "\n".join(part for part in (self.help, self.problem, self.trace, called) if part)


def outcome_of(check: Check, error: BaseException, mistake: KnownMistake | None) -> PublicOutcome:
    """What came of a public check that an error ended: the judgement, or how student code failed."""
    about = str(mistake) if mistake else ""
    if isinstance(error, StudentFailure):
        return PublicOutcome(
            check.question, check.title, error.verdict, about, error.message, trace=error.trace
        )
    call, compared = getattr(error, "call", ""), getattr(error, "compared", None)
    problem = _sentence(str(error).removeprefix(call).lstrip("\n"), call)
    return PublicOutcome(check.question, check.title, WRONG, about, problem, call, compared=compared)


def _sentence(problem: str, call: str) -> str:
    """The problem with the short form of the call before it, the arguments' values left out."""
    short = call.partition(" with ")[0].partition("\n")[0]
    if not short:
        return problem
    return f"{short} {problem}" if problem[:1].islower() else f"{short}: {problem}"


def alike(outcomes: Sequence[PublicOutcome]) -> list[list[PublicOutcome]]:
    """The failed checks, those that say the very same in one group; those with a known mistake first.

    A mistake that explains several of them is said at the first.
    """
    groups: dict[tuple[str, ...], list[PublicOutcome]] = {}
    for outcome in outcomes:
        if outcome.passed:
            continue
        # Where a module does not even load, every check says so, and one piece of help is enough.
        same = (outcome.verdict, outcome.summary, outcome.trace, outcome.call)
        groups.setdefault(same, []).append(outcome)
    said: set[str] = set()
    ordered = []
    for first, *others in sorted(groups.values(), key=lambda group: not group[0].help):
        ordered.append([replace(first, help="") if first.help in said else first, *others])
        said.add(first.help)
    return ordered

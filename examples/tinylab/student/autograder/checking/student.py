"""The student's side of a check: probes run against a submission, here in this very process."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Protocol

from autograder import randomness
from autograder.modules import Failure, Given, Modules
from autograder.timeouts import TimedOut, TimeLimit, Watch
from autograder.values import Value


class StudentFailure(Exception):
    """Student code returned no value: it raised, hung, crashed, or is not written yet."""

    def __init__(self, verdict: str, message: str, trace: str = "", kind: str = "") -> None:
        super().__init__(f"{message}\n{trace}".rstrip())
        self.verdict = verdict
        self.message = message
        self.trace = trace
        self.kind = kind


UNREADABLE = "unreadable file"
"""The kind of a failure that is none of student code's: no exception has such a name."""


NOT_LOADED = "NotLoaded"
"""The kind of a time-out that came while a module was loaded."""


class Student(Protocol):
    """Whoever runs probes beside student code and returns plain values."""

    def run(self, probe: str, /, **arguments: Value) -> Value:
        """Run one of the lab's probes. StudentFailure when student code returns no value."""


class LocalStudent:
    """Runs `probes` in this process: for students in their own folder, and never for grading.

    `given` stands in for functions of other questions; without it the student's own are used. With `check`,
    a check's key, what student code draws is what it draws in that check's grading. With a `problem`, the
    question's module cannot be read, and that is all there is to say. What takes longer than the `limit` is
    stopped.
    """

    def __init__(
        self,
        sources: Mapping[str, str],
        probes: ModuleType,
        given: Given | None = None,
        check: str = "",
        problem: str = "",
        limit: TimeLimit | None = None,
    ) -> None:
        self._limit = limit
        self.sources = dict(sources)
        self._modules = Modules(self.sources, given)
        self._probes = probes
        self._check = check
        self._calls = 0
        self._problem = problem

    def run(self, probe: str, /, **arguments: Value) -> Value:
        """Run one probe here, on the modules' text as it was read."""
        if self._problem:
            raise StudentFailure("error", self._problem, kind=UNREADABLE)
        self._calls += 1
        if not self._check:
            return self._run(probe, arguments)
        with randomness.drawn_from(call_seed(self.sources, self._check, self._calls)):
            return self._run(probe, arguments)

    def _run(self, probe: str, arguments: Mapping[str, Value]) -> Value:
        with self._modules as modules:
            try:
                with Watch(self._limit, [f"{name}.py" for name in self.sources]):
                    value: Value = getattr(self._probes, probe)(modules, **arguments)
            except TimedOut as over:
                kind = NOT_LOADED if over.loading else "Timeout"
                raise StudentFailure("timeout", over.message, over.trace, kind) from None
            except (Exception, SystemExit) as error:  # exit() must not end a notebook's kernel
                raise self._failure(modules, error) from None
        return value

    def _failure(self, modules: Modules, error: BaseException) -> StudentFailure:
        return failed(modules.failure(error))


def call_seed(sources: Mapping[str, str], check: str, number: int) -> int:
    """What a submission draws from in a check's call of that number, from 1 on."""
    return randomness.seed_of(sources, "call", check, number)


def failed(failure: Failure) -> StudentFailure:
    """The exception that a check sees for a failure of student code."""
    if failure.verdict == "not implemented":
        return StudentFailure(failure.verdict, "Not implemented yet.", failure.trace, failure.kind)
    return StudentFailure(
        failure.verdict, f"{failure.kind}: {failure.message}".rstrip(": "), failure.trace, failure.kind
    )

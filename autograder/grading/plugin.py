"""The pytest plugin that turns a run of the checks into verdicts."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from autograder.checking.bank import LiveBank
from autograder.checking.check import STUDENT_KEY, Check, of_function
from autograder.checking.context import CONTEXT_KEY, Context
from autograder.checking.diagnosis import Bank, KnownMistake, Table, Watched, mistake_of
from autograder.checking.judge import Wrong
from autograder.checking.student import Student, StudentFailure
from autograder.errors import ConvlabError
from autograder.grade import Comparison, Verdict
from autograder.grading.discretion import Discretion
from autograder.lab import Lab, LabError
from autograder.text import cut

ENGINE = Path(__file__).resolve().parents[1]
Selection = Callable[[Check], bool]
MAX_MESSAGE, MAX_DETAIL = 4_000, 8_000
"""Characters of a check's message for the student and of its detail for staff."""


@dataclass(frozen=True)
class Outcome:
    """How one check went: `message` for the student, `detail` for staff."""

    verdict: Verdict
    message: str = ""
    detail: str = ""
    seconds: float = 0.0
    misconception: str = ""
    comparison: Comparison | None = None


@dataclass
class Outcomes:
    """What a run produced: outcomes by check, facts that checks recorded, and what went wrong besides.

    `errors` are those whose text is meant for people, `faults` tracebacks of any other.
    """

    checks: dict[str, Outcome] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    errors: list[ConvlabError] = field(default_factory=list)
    called: dict[str, set[str]] = field(default_factory=dict)


class GradingPlugin:
    """Feeds checks with a student and a context, runs the selected ones, and notes how each went."""

    def __init__(
        self,
        student_of: Callable[[Check], Student],
        context: Context,
        selected: Selection,
        after_public: Callable[[str], None],
        try_again: Callable[[str], bool],
        *,
        diagnose: bool = True,
    ) -> None:
        self._diagnose = diagnose
        self._try_again = try_again
        self._again = False
        self._student_of = student_of
        self._after_public = after_public
        self._context = context
        self._selected = selected
        self._discretion = Discretion()
        self.outcomes = Outcomes()

    def pytest_configure(self, config: pytest.Config) -> None:
        """Leave student and context where the fixtures look."""
        config.stash[STUDENT_KEY] = lambda request: self._student_of(_check(request.node))
        config.stash[CONTEXT_KEY] = self._context

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the selected checks."""
        chosen = self.chosen(items)
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen

    def chosen(self, items: Sequence[pytest.Item]) -> list[pytest.Item]:
        """The selected checks, all public ones first: what a worker prints for these is kept.

        It must not have seen a hidden input by then, from whatever question.
        """
        chosen = [item for item in items if self._selected(_check(item))]
        return sorted(chosen, key=lambda item: (_check(item).hidden, _check(item).question))

    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Run a check, and once more where its failure may come from what another question left behind."""
        where = item.nodeid, item.location
        item.ihook.pytest_runtest_logstart(nodeid=where[0], location=where[1])
        self._again = False
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        if self._again:
            reports = runtestprotocol(item, log=False, nextitem=nextitem)
        for report in reports:
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=where[0], location=where[1])
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note the outcome of a check, or a fault of the grader."""
        report = yield
        check = _check(item)
        error = call.excinfo.value if call.excinfo else None
        if call.when == "call":
            self.outcomes.facts.update(item.user_properties)
            self._keep_called(check, getattr(item, "funcargs", {}).get("student"))
        if isinstance(error, ConvlabError):
            self.outcomes.errors.append(error)
        elif error is not None and not _judges(error) and (blamed := _lab_error(error, check, self._context)):
            self.outcomes.errors.append(blamed)
        elif error is not None and not _judges(error):
            trace = "".join(traceback.format_exception(error))
            self.outcomes.faults.append(f"{check.key}: {trace}")
        elif error is not None and self._try_again(check.question):
            self._again = True
        elif call.when == "call":
            mistake = self._mistake(check, error, item) if error and self._diagnose else None
            self.outcomes.checks[check.key] = outcome(check, error, call.duration, mistake, self._discretion)
            if not check.hidden:
                self._after_public(check.question)
        return report

    def _mistake(self, check: Check, error: BaseException, item: pytest.Item) -> KnownMistake | None:
        banks = banks_of(self._context.lab, hidden=check.hidden)
        return mistake_of(error, getattr(item, "funcargs", {}).get("student"), banks)

    def _keep_called(self, check: Check, student: object) -> None:
        if isinstance(student, Watched):
            self.outcomes.called.setdefault(check.question, set()).update(student.called)


def _check(item: pytest.Item) -> Check:
    check = of_function(getattr(item, "function", None))
    if check is None:
        raise pytest.UsageError(f"{item.nodeid} is in a file of checks but has no @check")
    return check


def banks_of(lab: Lab, *, hidden: bool) -> list[Bank]:
    """Where to look for the mistake behind a failed check; for hidden ones in the code, too."""
    table = Table(lab.mistakes)
    return [table, LiveBank(lab)] if hidden else [table]


def _judges(error: BaseException) -> bool:
    return isinstance(error, (AssertionError, StudentFailure))


def _lab_error(error: BaseException, check: Check, context: Context) -> LabError | None:
    """An error that a line of the lab's own caused, or None where the engine's own code did."""
    ours = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(context.lab.folder) or ENGINE in Path(frame.filename).parents
    ]
    if not ours or not Path(ours[-1].filename).is_relative_to(context.lab.folder):
        return None
    place = f"{ours[-1].filename}:{ours[-1].lineno}"
    return LabError(f"{place}: {type(error).__name__}: {error}; fix the check {check.key}")


def outcome(
    check: Check,
    error: BaseException | None,
    seconds: float = 0.0,
    mistake: KnownMistake | None = None,
    discretion: Discretion | None = None,
) -> Outcome:
    """How a check went.

    Args:
        check: the check.
        error: what ended it, None when it passed.
        seconds: how long it took.
        mistake: the known mistake that its outcome equals.
        discretion: what the submission's hidden checks have said so far.

    This is the one way for text to reach a grade, and cuts it.
    """
    if error is None:
        return Outcome(Verdict.PASSED, seconds=seconds)
    verdict = Verdict(error.verdict) if isinstance(error, StudentFailure) else Verdict.WRONG
    message = (discretion or Discretion()).message(check, error) if check.hidden else str(error)
    compared = None if check.hidden else _comparison(error)
    name, also = (mistake.name, f"\n{mistake}") if mistake else ("", "")
    message, detail = cut(message, MAX_MESSAGE) + also, cut(str(error), MAX_DETAIL) + also
    return Outcome(verdict, message, detail, seconds, name, compared)


def _comparison(error: BaseException) -> Comparison | None:
    pair = error.compared if isinstance(error, Wrong) else None
    if pair is None:
        return None
    return Comparison.model_validate({"expected": pair[0].tolist(), "got": pair[1].tolist()})


def results_in_order(checks: Sequence[Check], outcomes: Outcomes) -> list[tuple[Check, Outcome]]:
    """Each check with its outcome; those that did not run are *not run*."""
    return [(check, outcomes.checks.get(check.key, Outcome(Verdict.NOT_RUN))) for check in checks]

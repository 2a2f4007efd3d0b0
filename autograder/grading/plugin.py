"""The pytest plugin that turns a run of the checks into verdicts."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from autograder.checking.bank import LiveBank
from autograder.checking.check import STUDENT_KEY, Check, of_function
from autograder.checking.context import CONTEXT_KEY, Context
from autograder.checking.diagnosis import Evidence, KnownMistake, Sighting, Watched, proven
from autograder.checking.endless import Endless, bounded
from autograder.checking.judge import Wrong
from autograder.checking.outcome import outcome_of
from autograder.checking.student import Student, StudentFailure
from autograder.errors import ConvlabError, let_go
from autograder.grade import Comparison, Verdict
from autograder.grading.direct import Direct
from autograder.grading.discretion import Discretion
from autograder.lab import LabError
from autograder.text import cut

ENGINE = Path(__file__).resolve().parents[1]
Selection = Callable[[Check], bool]
_CHECK = pytest.StashKey[Check]()
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

    `errors` are those whose text is meant for people, `faults` tracebacks of any other. By question, `called`
    is what its worker claims to have run, `evidence` what each check saw, and `explaining` are the known
    mistakes that explain all of it.
    """

    checks: dict[str, Outcome] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    errors: list[ConvlabError] = field(default_factory=list)
    called: dict[str, set[Sighting]] = field(default_factory=dict)
    evidence: dict[str, dict[str, Evidence]] = field(default_factory=dict)
    explaining: dict[str, tuple[KnownMistake, ...]] = field(default_factory=dict)


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
        self._hidden: set[str] = set()
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
        reports = self._protocol(item, nextitem)
        if self._again:
            reports = self._protocol(item, nextitem)
        for report in reports:
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=where[0], location=where[1])
        return True

    def _protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> list[pytest.TestReport]:
        try:
            with bounded(_check(item), self._context.lab):
                return runtestprotocol(item, log=False, nextitem=nextitem)
        except Endless as error:  # as a rule pytest itself catches it, and reports it as what ended the check
            self._note(_check(item), error, None)
            return []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note the outcome of a check, or a fault of the grader."""
        report = yield
        error = call.excinfo.value if call.excinfo else None
        duration = None
        if call.when == "call":
            duration = call.duration
            self.outcomes.facts.update(item.user_properties)
            self._keep(_check(item), getattr(item, "funcargs", {}).get("student"), passed=error is None)
        self._note(_check(item), error, duration)
        return report

    def call(self, direct: Direct) -> None:
        """Call a check that needs nothing of pytest, and once more as above."""
        self._again = False
        self._call(direct)
        if self._again:
            self._call(direct)

    def _call(self, direct: Direct) -> None:
        error: BaseException | None = None
        duration = None
        try:
            values, student = direct.values(self._context), Watched(self._student_of(direct.check))
            values |= {"student": student} if "student" in direct.names else {}
            started = time.perf_counter()
            try:
                with bounded(direct.check, self._context.lab):
                    direct.function(**values)
            finally:
                duration = time.perf_counter() - started
        except (KeyboardInterrupt, pytest.exit.Exception):
            raise
        except BaseException as raised:
            error = raised
        if duration is not None:
            self._keep(direct.check, values.get("student"), passed=error is None)
        self._note(direct.check, error, duration)
        if _judges(error):
            let_go(error)

    def _note(self, check: Check, error: BaseException | None, duration: float | None) -> None:
        """Note the outcome of a check that took so long, or, without a duration, of what goes around it."""
        if isinstance(error, ConvlabError):
            self.outcomes.errors.append(error)
        elif isinstance(error, Endless):
            self.outcomes.errors.append(LabError(str(error)))
        elif error is not None and not _judges(error) and (blamed := _lab_error(error, check, self._context)):
            self.outcomes.errors.append(blamed)
        elif error is not None and not _judges(error):
            trace = "".join(traceback.format_exception(error))
            self.outcomes.faults.append(f"{check.key}: {trace}")
        elif error is not None and self._try_again(check.question):
            self._again = True
        elif duration is not None:
            self.outcomes.checks[check.key] = outcome(check, error, duration, self._discretion)
            if not check.hidden:
                self._after_public(check.question)

    def pytest_sessionfinish(self) -> None:
        """Name the mistakes, when all checks have had their say."""
        self.diagnose()

    def diagnose(self) -> None:
        """Add to each question that went wrong the known mistake that explains all of it, if there is one."""
        bank = LiveBank(self._context.lab)
        for question, evidence in self.outcomes.evidence.items() if self._diagnose else ():
            if not all(each.passed for each in evidence.values()):
                try:
                    found = tuple(bank.explaining(list(evidence.values())))
                except Exception:  # whatever came back: it costs the name of a mistake, and no grade
                    found = ()
                self.outcomes.explaining[question] = found
                for key in evidence if len(found) == 1 else ():
                    outcome, hidden = self.outcomes.checks[key], key in self._hidden
                    self.outcomes.checks[key] = named(outcome, found[0], hidden=hidden)

    def _keep(self, check: Check, student: object, *, passed: bool) -> None:
        """Keep what a check's calls have to say; a second try of the check replaces the first."""
        if not isinstance(student, Watched):
            return
        if student.called is not None:
            self.outcomes.called.setdefault(check.question, set()).update(student.called)
        if not self._context.lab.question(check.question).training:
            kept = self.outcomes.evidence.setdefault(check.question, {})
            kept[check.key] = student.evidence(passed=passed)
            self._hidden |= {check.key} if check.hidden else set()


def _check(item: pytest.Item) -> Check:
    check = item.stash.get(_CHECK, None) or of_function(getattr(item, "function", None))
    if check is None:
        raise pytest.UsageError(f"{item.nodeid} is in a file of checks but has no @check")
    item.stash[_CHECK] = check
    return check


def _judges(error: BaseException | None) -> bool:
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
    discretion: Discretion | None = None,
) -> Outcome:
    """How a check went.

    Args:
        check: the check.
        error: what ended it, None when it passed.
        seconds: how long it took.
        discretion: what the submission's hidden checks have said so far.

    This and `named` are the one way for text to reach a grade; it is cut here.
    """
    if error is None:
        return Outcome(Verdict.PASSED, seconds=seconds)
    verdict = Verdict(error.verdict) if isinstance(error, StudentFailure) else Verdict.WRONG
    mistake = proven(error)
    if not check.hidden:
        text = outcome_of(check, error, None).text
        message, detail = cut(text, MAX_MESSAGE), cut(text, MAX_DETAIL)
    else:
        message = cut((discretion or Discretion()).message(check, error), MAX_MESSAGE)
        detail = cut(str(error), MAX_DETAIL)
    compared = None if check.hidden else _comparison(error)
    found = Outcome(verdict, message, detail, seconds, "", compared)
    return named(found, mistake, hidden=check.hidden) if mistake else found


def named(found: Outcome, mistake: KnownMistake, *, hidden: bool) -> Outcome:
    """An outcome with the known mistake behind it, unless it passed or has one already.

    What helps comes first, but in a hidden check it is all the same after the family and the hint.
    """
    if found.verdict is Verdict.PASSED or found.misconception:
        return found
    texts = [
        (text, str(mistake)) if hidden else (str(mistake), text) for text in (found.message, found.detail)
    ]
    message, detail = ("\n".join(parts) for parts in texts)
    return replace(found, message=message, detail=detail, misconception=mistake.name)


def _comparison(error: BaseException) -> Comparison | None:
    pair = error.compared if isinstance(error, Wrong) else None
    if pair is None:
        return None
    return Comparison.model_validate({"expected": pair.expected.tolist(), "got": pair.actual.tolist()})


def results_in_order(checks: Sequence[Check], outcomes: Outcomes) -> list[tuple[Check, Outcome]]:
    """Each check with its outcome; those that did not run are *not run*."""
    return [(check, outcomes.checks.get(check.key, Outcome(Verdict.NOT_RUN))) for check in checks]

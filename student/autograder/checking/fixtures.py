"""Fixtures of the checks. Without `--submission` they judge the modules in pytest's root folder."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from autograder.checking.check import STUDENT_KEY, UNSEEN_KEY, of_function
from autograder.checking.diagnosis import Watched, proven
from autograder.checking.handout import Handout
from autograder.checking.judge import Wrong
from autograder.checking.local import Run
from autograder.checking.outcome import outcome_of
from autograder.checking.student import StudentFailure
from autograder.garbage import look_seldom
from autograder.handin.imports import Remark

REMARKS_KEY = pytest.StashKey[list[Remark]]()
"""What there is to say of the modules in pytest's root folder."""


def pytest_configure(config: pytest.Config) -> None:
    """Declare the one marker that checks carry."""
    look_seldom()
    config.addinivalue_line("markers", "check(question, share, title, family, hint, hidden): a scored check")


@pytest.fixture
def student(request: pytest.FixtureRequest) -> Watched:
    """Whoever runs probes for this check: the grader's sandbox, or the modules beside."""
    make = request.config.stash.get(STUDENT_KEY, None)
    if make:
        return Watched(make(request))
    handout = Handout.of(request.module.__name__)
    run = _run(request.config, handout)
    request.config.stash[REMARKS_KEY] = list(run.reading.remarks())
    return run.student(of_function(request.function))


def _run(config: pytest.Config, handout: Handout) -> Run:
    """The one run of a lab's public checks in this session."""
    runs = config.stash.setdefault(_RUNS, {})
    if handout.package not in runs:
        runs[handout.package] = Run(config.rootpath, handout)
    return runs[handout.package]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show what is to be known of the modules' files and imports before they are handed in."""
    for remark in config.stash.get(REMARKS_KEY, []):
        terminalreporter.write_line(f"{'PROBLEM' if remark.harmful else 'note'}: {remark.text}")
    for (package, question), passed in config.stash.get(_OUTCOMES, {}).items():
        if all(passed) and (others := Handout(package).others(question)):
            terminalreporter.write_line(f"{question} passed. {others}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what a check has to say, without the frames of the check itself."""
    report = yield
    error = call.excinfo.value if call.excinfo else None
    student = getattr(item, "funcargs", {}).get("student")
    if isinstance(error, (Wrong, StudentFailure)) and UNSEEN_KEY not in item.config.stash:
        check = of_function(getattr(item, "function", None))
        if check is None:
            report.longrepr = str(error)
            return report
        here = not check.hidden and STUDENT_KEY not in item.config.stash
        run = _run(item.config, Handout.of(check.module)) if here else None
        mistake = run.mistake_behind(check, error, student) if run else proven(error)
        report.longrepr = f"{check.question}, {check.title}\n{outcome_of(check, error, mistake).text}"
    if call.when == "call" and (found := of_function(getattr(item, "function", None))):
        handout = Handout.of(found.module)
        if report.passed and not found.hidden and STUDENT_KEY not in item.config.stash:
            _run(item.config, handout).keep(found, student, passed=True)
        item.config.stash.setdefault(_OUTCOMES, {}).setdefault((handout.package, found.question), []).append(
            report.passed
        )
    return report


_RUNS = pytest.StashKey[dict[str, Run]]()
"""The run of each lab's public checks in a session on pytest's root folder."""
_OUTCOMES = pytest.StashKey[dict[tuple[str, str], list[bool]]]()
"""Whether the checks of each lab's question passed."""

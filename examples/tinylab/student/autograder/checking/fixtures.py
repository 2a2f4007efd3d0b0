"""Fixtures of the checks. Without `--submission` they judge the modules in pytest's root folder."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from autograder.checking.check import STUDENT_KEY, UNSEEN_KEY, of_function
from autograder.checking.diagnosis import Table, Watched, mistake_of
from autograder.checking.handout import Handout
from autograder.checking.judge import Wrong
from autograder.checking.student import LocalStudent, StudentFailure, sources_in


def pytest_configure(config: pytest.Config) -> None:
    """Declare the one marker that checks carry."""
    config.addinivalue_line("markers", "check(question, share, title, family, hint, hidden): a scored check")


@pytest.fixture
def student(request: pytest.FixtureRequest) -> Watched:
    """Whoever runs probes for this check: the grader's sandbox, or the modules beside."""
    make = request.config.stash.get(STUDENT_KEY, None)
    if make:
        return Watched(make(request))
    handout = Handout.of(request.module.__name__)
    check = of_function(request.function)
    sources = sources_in(request.config.rootpath, handout.modules)
    return Watched(LocalStudent(sources, handout.probes, check=check.key if check else ""))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what a check has to say, without the frames of the check itself."""
    report = yield
    error = call.excinfo.value if call.excinfo else None
    if isinstance(error, (Wrong, StudentFailure)) and UNSEEN_KEY not in item.config.stash:
        check = of_function(getattr(item, "function", None))
        head = f"{check.question}, {check.title}" if check else item.name
        student = getattr(item, "funcargs", {}).get("student")
        table = Table(Handout.of(check.module).table) if check else Table(Path())
        mistake = mistake_of(error, student, [table])
        report.longrepr = "\n".join(str(part) for part in (head, error, mistake) if part)
    return report

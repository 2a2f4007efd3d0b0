"""Fixtures of the checks. Without `--submission` they judge the modules in the folder pytest runs in."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.checks.catalog import STUDENT_KEY
from autograder.checks.student import LocalStudent, Student


def pytest_configure(config: pytest.Config) -> None:
    """Declare the one marker that checks carry."""
    config.addinivalue_line("markers", "check(question, points, title, family, hint, hidden): a scored check")


@pytest.fixture
def student(request: pytest.FixtureRequest) -> Student:
    """Whoever runs probes for this check: the grader's sandbox, or the modules beside."""
    make = request.config.stash.get(STUDENT_KEY, None)
    return make(request) if make else LocalStudent.in_folder(Path.cwd())

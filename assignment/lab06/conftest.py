"""Makes the fixtures of public checks known to pytest."""

from autograder.checking.fixtures import (
    pytest_configure,
    pytest_runtest_makereport,
    pytest_terminal_summary,
    student,
)

__all__ = ["pytest_configure", "pytest_runtest_makereport", "pytest_terminal_summary", "student"]

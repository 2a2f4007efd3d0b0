"""Lets `pytest` run the public checks of this folder, wherever it is started."""

from pathlib import Path

from autograder.checking.fixtures import (
    pytest_configure as _declare,
    pytest_runtest_makereport,
    pytest_terminal_summary,
    student,
)

__all__ = ["pytest_configure", "pytest_runtest_makereport", "pytest_terminal_summary", "student"]
HERE = Path(__file__).resolve().parent


def pytest_configure(config):
    """Declare the marker; where no checks are in what was asked for, run all: `pytest tests`, or in `data/`."""
    _declare(config)
    checks = [str(path.parent) for path in HERE.glob("*/public/test_*.py")][:1]
    places = [Path(config.invocation_params.dir, argument.partition("::")[0]) for argument in config.args]
    if not any(place.is_file() or not place.exists() or list(place.rglob("test_*.py")) for place in places):
        config.args[:] = checks

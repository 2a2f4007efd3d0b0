"""`pytest --submission PATH` with a lab's checks: these against one submission, in the sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from autograder.garbage import look_seldom

if TYPE_CHECKING:
    from autograder.grading.session import SubmissionSession


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the one option."""
    group = parser.getgroup("convlab")
    group.addoption(
        "--submission", type=Path, help="run convlab's checks on this folder or zip, in the sandbox"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Open the submission and start its sandbox, when one is named."""
    path = config.getoption("--submission")
    if path is not None:
        look_seldom()
        from autograder.grading.session import SubmissionSession

        session: SubmissionSession = SubmissionSession.open(path)
        config.pluginmanager.register(session.plugin, "convlab-grading")
        config.add_cleanup(session.close)

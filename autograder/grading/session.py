"""A submission opened for a pytest run that was started by hand."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.errors import ConvlabError
from autograder.grading.grader import Grader
from autograder.grading.plugin import GradingPlugin
from autograder.lab import load_lab
from autograder.submission import open_submission


@dataclass(frozen=True)
class SubmissionSession:
    """The plugin that feeds the checks, and what to close after the run."""

    plugin: GradingPlugin
    stack: ExitStack

    @classmethod
    def open(cls, path: Path) -> SubmissionSession:
        """Open `path` as a submission. pytest.UsageError when that cannot be done."""
        stack = ExitStack()
        try:
            lab = load_lab()
            submission = open_submission(path, lab)
            grader = stack.enter_context(Grader(lab))
            return cls(stack.enter_context(grader.session(submission)), stack)
        except ConvlabError as error:
            raise pytest.UsageError(str(error)) from None

    def close(self) -> None:
        """End worker and zygote."""
        self.stack.close()

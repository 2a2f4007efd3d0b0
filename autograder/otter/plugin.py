"""The otter plugin that keeps student code out of otter: graded in isolation, verdicts looked up."""

from __future__ import annotations

import json
import math
import os
import shutil
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from otter.plugins import AbstractOtterPlugin
from otter.run import AutograderConfig
from otter.test_files import GradingResults

from autograder.grade import QuestionResult, Verdict
from autograder.lab import Lab, load_lab
from autograder.otter.config import PluginSettings
from autograder.otter.isolated import GRADED, Graded, GraderFault, grade_quarantined, package_root, quarantine
from autograder.otter.quarantine import clear, trusted_notebook


class Quarantine(AbstractOtterPlugin):  # type: ignore[misc]
    """Puts a trusted notebook with the isolated grader's verdicts in the submission's place."""

    def __init__(self, submission_path: str, submission_metadata: dict[str, Any], plugin_config: Any) -> None:
        super().__init__(submission_path, submission_metadata, plugin_config)
        self._path = Path(submission_path)
        self._settings = PluginSettings.model_validate(plugin_config or {})
        self._base = self._path.parent.parent
        self._graded = Graded(None, "", "")

    def before_grading(self, config: AutograderConfig) -> None:
        """Take everything that was handed in away from otter."""
        if config.pdf or config.token:
            raise GraderFault(
                "otter_config.json asks for a PDF, which otter makes from the student's notebook."
            )
        config.grade_from_log = False
        self._base = Path(config.autograder_dir).resolve()
        folder = self._path.parent
        done = os.environ.get(GRADED)
        self._private = Path(done) if done else quarantine(folder, self._base)
        clear(folder)
        shutil.copytree(self._base / "source" / "tests", folder / "tests")
        notebook = self._path.suffix == ".ipynb"
        self._path.write_bytes(trusted_notebook(self._lab) if notebook else b"")

    @property
    def _lab(self) -> Lab:
        return load_lab(package_root(self._base))

    def before_execution(self, submission: NotebookNode) -> NotebookNode:
        """Grade, and return a notebook whose one cell holds the verdicts."""
        if os.environ.get(GRADED):
            self._graded = Graded.read(self._private)
        else:
            self._graded = grade_quarantined(self._private, self._base, self._lab, self._settings)
        cell = new_code_cell(verdict_cell(self._graded))
        return new_notebook(cells=[cell], metadata=submission.get("metadata", {}))

    def after_grading(self, results: GradingResults) -> None:
        """Make sure that otter found what the grader found, and show the grader's words."""
        if results.has_catastrophic_failure():
            raise GraderFault(f"otter could not run the verdicts: {results.catastrophic_error}")
        if self._graded.grade is None:
            _same_total(results, 0)
            results.set_output(f"The submission could not be read: {self._graded.unreadable}")
            return
        for question in self._graded.grade.questions:
            if question.verdict is not Verdict.UNGRADED:
                _take_over(results, question)
        _same_total(results, self._graded.grade.score)
        results.set_output(summary(self._graded))

    def generate_report(self) -> str:
        """The grader's own table, for staff; not again where it was printed already."""
        return "Graded already, see above." if os.environ.get(GRADED) else self._graded.report


def verdict_cell(graded: Graded) -> str:
    """A cell that sets what otter's test files look up."""
    return (
        "import json\n"
        f"convlab_verdicts = json.loads({json.dumps(graded.verdicts())!r})\n"
        f"convlab_unreadable = {graded.unreadable!r}\n"
    )


def summary(graded: Graded) -> str:
    """One sentence for the student."""
    checks = (
        [check for question in graded.grade.questions for check in question.checks] if graded.grade else []
    )
    public = [check for check in checks if check.visibility == "visible"]
    passed = sum(check.verdict is Verdict.PASSED for check in public)
    return f"Public checks passed: {passed} of {len(public)}. Hidden checks are scored too."


def _take_over(results: GradingResults, question: QuestionResult) -> None:
    """Compare one question's cases with otter's, and replace otter's messages."""
    file = results.results.get(question.id)
    cases = file.test_case_results if file else []
    if len(cases) != len(question.checks):
        raise GraderFault(f"otter ran {len(cases)} cases of {question.id}, not {len(question.checks)}.")
    for case, check in zip(cases, question.checks, strict=True):
        passed = check.verdict is Verdict.PASSED
        if case.passed != passed or not math.isclose(case.test_case.points, check.max_score):
            raise GraderFault(f"otter and the grader disagree on {question.id}, {check.name}.")
        mark = "✅" if passed else "❌"
        case.message = f"{mark} {check.verdict}. {check.message}".rstrip()


def _same_total(results: GradingResults, score: float) -> None:
    if not math.isclose(results.total, score, abs_tol=1e-9):
        raise GraderFault(f"otter's total is {results.total}, the grader's {score}.")

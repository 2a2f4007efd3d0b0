"""Public checks by name, for otter's files in a student's folder; a failure says only what helps."""

from __future__ import annotations

import contextlib
import html
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from autograder.checking.check import PUBLIC, Check, function_of, in_package
from autograder.checking.diagnosis import Evidence, KnownMistake, Table, Watched, diagnosed, proven
from autograder.checking.handout import Handout
from autograder.checking.outcome import NOT_STARTED, PASSED, WRONG, PublicOutcome, outcome_of
from autograder.checking.student import NOT_LOADED, LocalStudent, Student, StudentFailure
from autograder.handin.reading import Reading, on_disk, read_modules
from autograder.values import Value


class WrongResult(AssertionError):
    """The function gave something else than was asked."""


class CodeFailed(AssertionError):
    """Student code raised, or could not be read."""


class Unfinished(AssertionError):
    """The function still waits to be written."""


class Run:
    """Public checks that run one after another on the modules in a folder, which are read once.

    What a check has found is kept, for it may explain another one's failure. What has taken too long is not
    run again: neither another check of that question, nor any that loads a module whose import it was.
    """

    def __init__(self, folder: Path, handout: Handout) -> None:
        self.handout = handout
        self.reading = reading_of(folder, handout)
        self._over: dict[str, StudentFailure] = {}
        self._evidence: dict[str, Evidence] = {}

    def student(self, check: Check | None) -> Watched:
        """Whoever runs a check's probes on the modules that were read."""
        module = self.handout.module_of(check.question) if check else ""
        problem = self.reading.problems.get(module, "")
        if module and module not in self.reading.sources and not problem:
            problem = f"{module}.py is missing."
        key, question = (check.key, check.question) if check else ("", "")
        limit = self.handout.limit
        local = LocalStudent(
            self.reading.sources, self.handout.probes, check=key, problem=problem, limit=limit
        )
        return Watched(_Hurried(local, {question, f"{module}.py"} - {"", ".py"}, self._over))

    def outcome(self, check: Check) -> PublicOutcome:
        """Run a check."""
        student = self.student(check)
        try:
            function_of(check)(student)
        except (AssertionError, StudentFailure) as error:
            return outcome_of(check, error, self.mistake_behind(check, error, student))
        self.keep(check, student, passed=True)
        return PublicOutcome(check.question, check.title, PASSED)

    def keep(self, check: Check, student: object, *, passed: bool) -> None:
        """Keep what a check that has run has to say."""
        if isinstance(student, Watched):
            self._evidence[check.key] = student.evidence(passed=passed)

    def mistake_behind(self, check: Check, error: BaseException, student: object) -> KnownMistake | None:
        """The known mistake that explains why a check failed, or None.

        It must explain the question's other public checks as well; these are run where one comes into
        question.
        """
        self.keep(check, student, passed=False)
        if known := proven(error):
            return known
        table = Table(self.handout.table)
        if not isinstance(student, Watched) or not isinstance(error, (AssertionError, StudentFailure)):
            return None
        evidence = [self._evidence[check.key]]
        if not table.explaining(evidence):
            return None
        for (question, name), other in _public(self.handout.package).items():
            if question == check.question and name != check.name:
                evidence.append(self._evidence_of(other))
        return diagnosed(evidence, table)

    def _evidence_of(self, check: Check) -> Evidence:
        """What a check has to say; where it has not run yet, it is run without a word."""
        if check.key not in self._evidence:
            student, passed = self.student(check), True
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    function_of(check)(student)
            except (AssertionError, StudentFailure):
                passed = False
            self.keep(check, student, passed=passed)
        return self._evidence[check.key]


class _Hurried:
    """A student whose code is not run again, once it has taken too long."""

    def __init__(self, student: Student, parts: set[str], over: dict[str, StudentFailure]) -> None:
        self._student = student
        self._parts = parts
        self._over = over

    def run(self, probe: str, /, **arguments: Value) -> Value:
        """Run one probe, unless the question, or the import of its module, is known to take too long."""
        for failure in (self._over[part] for part in self._parts if part in self._over):
            raise StudentFailure(failure.verdict, failure.message, failure.trace, failure.kind)
        try:
            return self._student.run(probe, **arguments)
        except StudentFailure as failure:
            if failure.verdict == "timeout":
                loading = failure.kind == NOT_LOADED
                self._over.update({p: failure for p in self._parts if p.endswith(".py") == loading})
            raise


@dataclass
class Recording:
    """Checks that belong together, whoever runs them, and their outcomes in order."""

    outcomes: list[PublicOutcome] = field(default_factory=list)
    run: Run | None = None


_recordings: list[Recording] = []


@contextmanager
def recorded() -> Iterator[list[PublicOutcome]]:
    """The outcomes of the public checks that run inside, in their order, whoever runs them."""
    recording = Recording()
    _recordings.append(recording)
    try:
        yield recording.outcomes
    finally:
        _recordings.remove(recording)


def run_public(package: str, question: str, name: str) -> None:
    """Run one public check of a lab on the modules in this folder. AssertionError: what is wrong."""
    recording = _recordings[-1] if _recordings else Recording()
    recording.run = recording.run or Run(Path.cwd(), Handout(package))
    outcome = recording.run.outcome(_public(package)[question, name])
    recording.outcomes.append(outcome)
    if not outcome.passed:
        raise _KINDS.get(outcome.verdict, CodeFailed)(_shown(outcome.text))


def outcomes_of(handout: Handout, question: str) -> list[PublicOutcome]:
    """Run all public checks of a question on the modules in this folder."""
    run = Run(Path.cwd(), handout)
    checks = [check for check in _public(handout.package).values() if check.question == question]
    return [run.outcome(check) for check in checks]


def public_questions(handout: Handout) -> list[str]:
    """The ids of the questions that have public checks, in their order."""
    return list(dict.fromkeys(question for question, _ in _public(handout.package)))


_KINDS: dict[str, type[AssertionError]] = {WRONG: WrongResult, NOT_STARTED: Unfinished}


@cache
def _public(package: str) -> dict[tuple[str, str], Check]:
    return {(check.question, check.name): check for check in in_package(package, [PUBLIC])}


def reading_of(folder: Path, handout: Handout) -> Reading:
    """The modules in a folder, read as the grader reads them."""
    names = (path.name for path in sorted(folder.glob("*.py*")) if path.is_file())
    return read_modules({name: on_disk(folder / name) for name in names}, handout.modules, handout.given)


def remarks_of(handout: Handout, question: str) -> list[str]:
    """What is to be known of a question's module, its name and its imports, before it is handed in."""
    about = f"{handout.module_of(question)}.py"
    return [remark.text for remark in reading_of(Path.cwd(), handout).remarks() if about in remark.text]


def _shown(text: str) -> str:
    """The text as otter's display needs it: a notebook takes `<5x5 float32>` for a tag of HTML."""
    return html.escape(text, quote=False) if _in_notebook() else text


def _in_notebook() -> bool:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"

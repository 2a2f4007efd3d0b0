"""Public checks by name, for otter's files in a student's folder; a failure says only what helps."""

from __future__ import annotations

import html
import sys
from functools import cache
from pathlib import Path

from autograder.checking.check import PUBLIC, Check, function_of, in_package
from autograder.checking.diagnosis import Table, Watched, mistake_of
from autograder.checking.handout import Handout
from autograder.checking.student import LocalStudent, StudentFailure, sources_in


class WrongResult(AssertionError):
    """The function gave something else than was asked."""


class CodeFailed(AssertionError):
    """Student code raised, or could not be read."""


class Unfinished(AssertionError):
    """The function still waits to be written."""


def run_public(package: str, question: str, name: str) -> None:
    """Run one public check of a lab on the modules in this folder. AssertionError: what is wrong."""
    handout = Handout(package)
    function = function_of(_public(package)[question, name])
    student = None
    try:
        student = Watched(_student(Path.cwd(), handout, _public(package)[question, name].key))
        function(student)
    except (AssertionError, StudentFailure) as error:
        mistake = mistake_of(error, student, [Table(handout.table)])
        problem = _kind(error)(_shown("\n".join(str(part) for part in (error, mistake) if part)))
    else:
        return
    raise problem from None


def _kind(error: Exception) -> type[AssertionError]:
    if not isinstance(error, StudentFailure):
        return WrongResult
    return Unfinished if error.verdict == "not implemented" else CodeFailed


@cache
def _public(package: str) -> dict[tuple[str, str], Check]:
    return {(check.question, check.name): check for check in in_package(package, [PUBLIC])}


def _student(folder: Path, handout: Handout, check: str) -> LocalStudent:
    try:
        return LocalStudent(sources_in(folder, handout.modules), handout.probes, check=check)
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise StudentFailure("error", f"a module holds byte {byte:#x}: save all of them as UTF-8") from None
    except OSError as error:
        raise StudentFailure("error", f"{error.filename} cannot be read: {error.strerror}") from None


def _shown(text: str) -> str:
    """The text as otter's display needs it: a notebook takes `<5x5 float32>` for a tag of HTML."""
    return html.escape(text, quote=False) if _in_notebook() else text


def _in_notebook() -> bool:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"

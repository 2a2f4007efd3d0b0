"""Public checks by name, for otter's files in a student's folder; a failure says only what helps."""

from __future__ import annotations

import html
import importlib
import sys
from functools import cache
from pathlib import Path

from autograder.checking.catalog import Check, CheckFunction, catalog
from autograder.checking.diagnosis import Table, Watched, mistake_of
from autograder.checking.student import LocalStudent, StudentFailure


class Wrong(AssertionError):
    """The function gave something else than was asked."""


class Failed(AssertionError):
    """Student code raised, or could not be read."""


class Unfinished(AssertionError):
    """The function still waits to be written."""


def run_public(question: str, name: str) -> None:
    """Run one public check on the modules as they stand in this folder. AssertionError: what is wrong."""
    function = _function(_public()[question, name])
    student = None
    try:
        student = Watched(_student(Path.cwd()))
        function(student)
    except (AssertionError, StudentFailure) as error:
        mistake = mistake_of(error, student, [Table()])
        problem = _kind(error)(_shown("\n".join(str(part) for part in (error, mistake) if part)))
    else:
        return
    raise problem from None


def _kind(error: Exception) -> type[AssertionError]:
    if not isinstance(error, StudentFailure):
        return Wrong
    return Unfinished if error.verdict == "not implemented" else Failed


@cache
def _public() -> dict[tuple[str, str], Check]:
    return {(check.question, check.name): check for check in catalog(hidden=False)}


def _function(check: Check) -> CheckFunction:
    function: CheckFunction = getattr(importlib.import_module(check.module), check.function)
    return function


def _student(folder: Path) -> LocalStudent:
    try:
        return LocalStudent.in_folder(folder)
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise StudentFailure("error", f"a module holds byte {byte:#x}: save all four as UTF-8") from None
    except OSError as error:
        raise StudentFailure("error", f"{error.filename} cannot be read: {error.strerror}") from None


def _shown(text: str) -> str:
    """The text as otter's display needs it: a notebook takes `<5x5 float32>` for a tag of HTML."""
    return html.escape(text, quote=False) if _in_notebook() else text


def _in_notebook() -> bool:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"

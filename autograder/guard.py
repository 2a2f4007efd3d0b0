"""What every command does with what goes wrong: a message on standard error, and an exit status."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from autograder.errors import GRADER, INTERRUPTED, USAGE, ConvlabError


class Refusal(click.ClickException):
    """Bad usage, or input that cannot be used."""

    exit_code = USAGE


class GraderFailed(Refusal):
    """The grader itself failed."""

    exit_code = GRADER
    graded = True
    """Whether a submission was at hand, which people would look to first."""

    def format_message(self) -> str:
        """Say whose fault it is."""
        if self.graded:
            return f"the grader itself failed, not the submission: {self.message}"
        return f"convlab itself failed, which is no fault of the lab: {self.message}"


class Interrupted(Refusal):
    """Ctrl-C was pressed."""

    exit_code = INTERRUPTED


def refusal(text: str, status: int) -> Refusal:
    """A message and the exit status that goes with it."""
    return {GRADER: GraderFailed, INTERRUPTED: Interrupted}.get(status, Refusal)(text)


class GuardedGroup(click.Group):
    """A group of commands that all end the same way, those of groups within it too.

    `ungraded` are the commands that are given no submission.
    """

    def __init__(self, *args: Any, ungraded: Collection[str] = (), **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.ungraded = frozenset(ungraded)

    def invoke(self, context: click.Context) -> Any:
        """Run a command under `faults`."""
        try:
            with faults():
                return super().invoke(context)
        except GraderFailed as failed:
            failed.graded = context.invoked_subcommand not in self.ungraded
            raise


@contextmanager
def faults() -> Iterator[None]:
    """Turn exceptions into messages and exit statuses, the same for every command.

    What is meant for people (ConvlabError) ends with its own status; a file that cannot be read or written
    with 2 and its name; Ctrl-C with 130. Anything else is a fault of the grader itself, and ends with 3.
    """
    try:
        yield
    except (click.ClickException, click.exceptions.Exit):
        raise
    except ConvlabError as error:
        raise refusal(_from_here(str(error)), error.status) from None
    except (KeyboardInterrupt, click.Abort):
        raise Interrupted("interrupted") from None
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.EPIPE:
            raise  # whoever read our output has gone; click ends quietly
        if os.environ.get("CONVLAB_TRACEBACK"):
            raise
        if isinstance(error, OSError) and error.filename is not None:
            raise Refusal(_from_here(f"{error.filename}: {error.strerror}")) from None
        text = f"{type(error).__name__}: {error} (set CONVLAB_TRACEBACK=1 for the traceback)"
        raise GraderFailed(text) from None


def _from_here(text: str) -> str:
    """A message whose paths are as one would type them in this folder, where they are below it."""
    here = f"{Path.cwd()}{os.sep}"
    return text if here == os.sep * 2 else re.sub(rf"(?<![\w./-]){re.escape(here)}", "", text)

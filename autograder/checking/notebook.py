"""`grader` in a student's notebook: otter's object, with our own words for what `check` finds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.checking.display import AllChecked, Checked
from autograder.checking.handout import FACTS, Handout
from autograder.checking.local import outcomes_of, public_questions, recorded, remarks_of
from autograder.handin import packing

_HIDDEN = "Hidden checks are scored after you hand in. They ask for nothing that is not in the docstring."


def _plain(question: str) -> str:
    return re.sub(r"[\W_]", "", question.casefold())


class Notebook:
    """A notebook's grader. All but `check`, `check_all` and `export` is otter's, where otter is installed.

    `path` is the notebook's file name, as `otter.Notebook` has it.
    """

    def __init__(self, path: str | None = None) -> None:
        self._path = path

    def check(self, question: object = "") -> Checked:
        """Run the public checks of one question on the modules in this folder.

        A question that does not exist, or has none, is said in the result; nothing is raised.
        """
        question = str(question).strip()
        questions = public_questions(self._handout)
        if question not in questions:
            return Checked(question, [], self._no_such(question, questions))
        if self._otter is None:
            outcomes = outcomes_of(self._handout, question)
            return Checked(question, outcomes, self._others(question), remarks_of(self._handout, question))
        with recorded() as outcomes:
            self._otter.check(question, {})
        return Checked(question, outcomes, self._others(question), remarks_of(self._handout, question))

    def check_all(self) -> AllChecked:
        """Run the public checks of every question."""
        return AllChecked([self.check(question) for question in public_questions(self._handout)])

    def export(self, *_: object, **__: object) -> None:
        """Pack what is handed in, as `python submit.py` does; otter's arguments are of no account."""
        print("What is packed is what is on disk: save the notebook first (Ctrl+S).\n")
        packing.main(Path.cwd())

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or self._otter is None:
            raise AttributeError(
                f"grader.{name} needs otter-grader; `python submit.py` packs what you hand in"
            )
        return getattr(self._otter, name)

    def _no_such(self, question: str, questions: Sequence[str]) -> str:
        """What to say of a question that cannot be checked."""
        can = f"The questions that can be checked are: {', '.join(questions)}."
        if self._handout.title_of(question):
            return f"{question} is answered in writing, and people mark it. {can}"
        plain = {_plain(each).lstrip("q"): each for each in questions}
        meant = plain.get(_plain(question).lstrip("q"))
        return f"Did you mean {meant}? {can}" if meant else can

    def _others(self, question: str) -> str:
        return self._handout.others(question) or _HIDDEN

    @cached_property
    def _otter(self) -> Any:
        """Otter's own object, which logs each check; None where otter is not installed."""
        try:
            import otter
        except ImportError:
            return None
        return otter.Notebook(self._path)

    @cached_property
    def _handout(self) -> Handout:
        found = sorted(path.parent.name for path in Path.cwd().glob(f"*/{FACTS}"))
        if not found:
            raise FileNotFoundError(
                f"{Path.cwd()} does not hold the lab: open the notebook in the folder that was unpacked"
            )
        return Handout(found[0])

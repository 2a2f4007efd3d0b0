"""What is left to mark: counted in one way, wherever it is said. Needs no package that pages need."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autograder.grade import Grade, Verdict
from autograder.lab import Lab
from autograder.submission import NOT_READ, SubmissionError, open_submission


@dataclass(frozen=True)
class ToMark:
    """How many written answers have no points yet.

    `empty` of them are empty, or as they were given; `unread` more are of notebooks that could not be read,
    which a person has to look at.
    """

    count: int
    empty: int
    unread: int

    @property
    def told(self) -> str:
        """What to say of them behind their number; "" where all can be read and hold something."""
        empty = f", {self.empty} of them empty" if self.empty else ""
        return empty + (f", {self.unread} of notebooks that could not be read" if self.unread else "")


def to_mark(grades: Iterable[Grade], blank: Mapping[str, str], question: str = "") -> ToMark:
    """The answers that are to be marked, to all questions or to one.

    Args:
        grades: the grades that count.
        blank: what is in the answer cells that students get, by question.
        question: the id of the one question.
    """
    left = [
        (grade, asked)
        for grade in grades
        for asked in grade.questions
        if asked.verdict is Verdict.UNGRADED and question in ("", asked.id)
    ]
    damaged = sum(not asked.answer.strip() and bool(unread(grade)) for grade, asked in left)
    nothing = sum(asked.answer.strip() in ("", blank.get(asked.id, "")) for _, asked in left)
    return ToMark(len(left), nothing - damaged, damaged)


def unread(grade: Grade) -> str:
    """Why the written answers could not be read; "" where they could. No file is named: it may name a person.

    An answer that could not be read is not an empty one: a person has to look at what was handed in.
    """
    note = next((note for note in grade.notes if note.startswith(NOT_READ)), "")
    reason = re.match(r"(?s) from .*: (it .*)|: of .*, (none .*)", note[len(NOT_READ) :])
    told = f": {reason[1] or f'of several notebooks {reason[2]}'}" if reason else "."
    return f"{NOT_READ}{told}" if note else ""


def placeholders(lab: Lab) -> dict[str, str]:
    """What is in the answer cells that students get."""
    try:
        given = open_submission(lab.student, lab)
    except SubmissionError:
        return {}
    return {name: text.strip() for name, text in given.answers.items()}

"""Hand-ins without a grade, each with a record of its own: who, and why.

A run knows only what it was given. Who could not be graded by an earlier one is still in the class, so this
is kept where it does not depend on the last run's table.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError

from autograder.grade import Record, Student
from autograder.gradebook.names import UNGRADED

MAX_BYTES = 1 << 20


def _storable(text: str) -> str:
    """Text that a file can hold: names of files may have bytes that are no text."""
    return text.encode("utf-8", "replace").decode()


Storable = Annotated[str, BeforeValidator(_storable)]


class Ungraded(Record):
    """Why a hand-in has no grade, whose it is, and its `place`, as `HandedIn` has it."""

    schema_: Literal["convlab.ungraded/1"] = Field(default="convlab.ungraded/1", alias="schema")
    why: Storable
    student: Student | None = None
    place: Storable = ""

    model_config = Record.model_config | {"populate_by_name": True}

    def to_json(self) -> str:
        """This record as text."""
        return self.model_dump_json(by_alias=True, indent=1) + "\n"


def read_ungraded(folder: Path) -> Ungraded | None:
    """The record in a submission's folder; None where there is none that can be read."""
    path = folder / UNGRADED
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        return Ungraded.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def all_ungraded(out: Path) -> Iterator[tuple[str, Ungraded]]:
    """Every record in a results folder, by the submission's name."""
    for path in sorted(out.glob(f"*/{UNGRADED}")):
        if not path.parent.name.startswith(".") and (found := read_ungraded(path.parent)) is not None:
            yield path.parent.name, found

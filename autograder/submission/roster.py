"""roster.csv: who is who, by the ids that a platform's files have."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import ConvlabError
from autograder.grade import Student
from autograder.submission.source import printable

COLUMNS = ("id", "student", "name")
MAX_ROSTER = 16 << 20


class RosterError(ConvlabError):
    """A roster that cannot be used; the text names the file, the line and what to do."""


@dataclass(frozen=True)
class Roster:
    """Who is behind an id. A row stands for its `id`, or for a submission of that name."""

    rows: Mapping[str, Student]

    def student(self, name: str, known: Student | None) -> Student | None:
        """The student of a submission: as the roster has it, or else as the platform has."""
        if (key := self.key(name, known)) is not None:
            row, before = self.rows[key], known or Student()
            return before.model_copy(update={"id": row.id, "name": row.name or before.name})
        if known is not None and known.members:
            return _together(known, [self.student("", member) or member for member in known.members])
        return known

    def key(self, name: str, known: Student | None) -> str | None:
        """The id whose row tells of a submission's student, or None."""
        return next((key for key in (known.id if known else "", name) if key and key in self.rows), None)

    def names(self, name: str, known: Student | None) -> bool:
        """Whether a row tells of a submission's student, or of a member of its group."""
        members = known.members if known else ()
        return any(
            key is not None for key in (self.key(name, known), *(self.key("", one) for one in members))
        )

    def unused(self, submissions: Iterable[tuple[str, Student | None]]) -> list[str]:
        """The ids of the roster that no submission has."""
        used = set()
        for name, known in submissions:
            members = known.members if known else ()
            used |= {self.key(name, known), *(self.key("", member) for member in members)}
        return [key for key in self.rows if key not in used]


def _together(group: Student, members: Sequence[Student]) -> Student:
    ids = "+".join(member.id for member in members if member.id)
    names = " and ".join(member.name for member in members if member.name)
    return group.model_copy(update={"id": ids, "name": names, "members": tuple(members)})


def read_roster(path: Path) -> Roster:
    """Read a CSV with a header and the columns `id`, and `student`, `name` or both. RosterError if it is not.

    `id` is the platform's (Canvas' user id, Moodle's participant number, Gradescope's SID or email) or a
    submission's own name, `student` the id to use instead. Other columns are not read.
    """
    try:
        with path.open("rb") as stream:
            text = stream.read(MAX_ROSTER).decode("utf-8-sig")
    except OSError as error:
        raise RosterError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise RosterError(f"{path}, line {line}: not UTF-8; save it as CSV UTF-8") from None
    head = text.partition("\n")[0]
    return Roster(_rows(path, csv.reader(io.StringIO(text), delimiter=max(",;\t", key=head.count))))


def _rows(path: Path, table: csv._reader) -> dict[str, Student]:  # type: ignore[name-defined]
    found: dict[str, Student] = {}
    places: list[int] | None = None
    try:
        for row in table:
            if not any(cell.strip() for cell in row):
                continue
            if places is None:
                places = _places(path, table.line_num, row)
                continue
            key, student = _read(path, table.line_num, row, places)
            if key in found:
                raise RosterError(f"{path}, line {table.line_num}: the id {printable(key)} is there twice")
            found[key] = student
    except csv.Error as error:
        raise RosterError(f"{path}, line {table.line_num}: {error}") from None
    if not found:
        raise RosterError(f"{path}: names nobody; it needs a header `id,student,name` and a row per student")
    return found


def _places(path: Path, line: int, header: list[str]) -> list[int]:
    """Where the columns are; -1 for one that is not there."""
    names = [cell.strip().casefold() for cell in header]
    places = [names.index(column) if column in names else -1 for column in COLUMNS]
    if places[0] < 0 or max(places[1:]) < 0:
        raise RosterError(
            f"{path}, line {line}: the header must name the column `id`, and `student`, `name` or both; "
            f"it names {', '.join(printable(name) for name in names[:8])}"
        )
    return places


def _read(path: Path, line: int, row: list[str], places: list[int]) -> tuple[str, Student]:
    if len(row) <= max(places):
        raise RosterError(f"{path}, line {line}: {len(row)} cells; the header names more")
    key, student, name = (row[place].strip() if place >= 0 else "" for place in places)
    if not key:
        raise RosterError(f"{path}, line {line}: the cell of `id` is empty")
    return key, Student(id=student or key, name=name)

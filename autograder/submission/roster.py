"""roster.csv: who is who, by the ids that a platform's files have."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError
from autograder.grade import Student
from autograder.tables import CsvTable, read_table
from autograder.text import printable

COLUMNS = ("id", "student", "name")


class RosterError(UsageError):
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
        """The id whose row describes a submission's student, or None."""
        return next((key for key in (known.id if known else "", name) if key and key in self.rows), None)

    def names(self, name: str, known: Student | None) -> bool:
        """Whether a row describes a submission's student, or a member of its group."""
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
        table = read_table(path, COLUMNS, is_header=_is_header)
    except UsageError as error:
        raise RosterError(str(error)) from None
    if table.columns:
        _check_columns(path, table)
    found: dict[str, Student] = {}
    for row in table.rows:
        key, student, name = (row.cells.get(column, "").strip() for column in COLUMNS)
        if not key:
            raise RosterError(f"{path}, line {row.line}: the cell of `id` is empty")
        if key in found:
            raise RosterError(f"{path}, line {row.line}: the id {printable(key)} is there twice")
        found[key] = Student(id=student or key, name=name)
    if not found:
        raise RosterError(f"{path}: names no one; it needs a header `id,student,name` and a row per student")
    return Roster(found)


def _is_header(columns: Collection[str]) -> bool:
    key, *others = COLUMNS
    return key in columns and any(name in columns for name in others)


def _check_columns(path: Path, table: CsvTable) -> None:
    if not _is_header(table.columns):
        raise RosterError(
            f"{path}, line {table.line}: the header must name the column `id`, and `student`, `name` or "
            f"both; it names {', '.join(printable(name) for name in table.columns[:8])}"
        )

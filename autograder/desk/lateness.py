"""Tables that say how late submissions were: a course's own, or the grading worksheet of Moodle."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from autograder.errors import UsageError
from autograder.gradebook import Gradebook, Wish
from autograder.report.written import number
from autograder.tables import CsvRow, read_table, unmarked
from autograder.text import one_line

PARTICIPANT = re.compile(r"\D*(?P<number>\d{1,20})")
"""Moodle's `Participant 123456`, in any language."""
LATE = re.compile(r"(?P<time>(?:\b\d{1,4} (?:year|week|day|hour|min|sec)s? )+)late\b")
PART = re.compile(r"(\d+) (year|week|day|hour|min|sec)")
DAYS = {"year": 365.0, "week": 7.0, "day": 1.0, "hour": 1 / 24, "min": 1 / 1440, "sec": 1 / 86400}
NOTHING = "No submission"
SOMETHING = ("Submitted for grading", "Draft (not submitted)", "Reopened", "Graded")
"""How a status begins in Moodle's English."""
Find = Callable[[Gradebook, str], str]
Read = Callable[[CsvRow], Sequence[tuple[str, float]]]
"""Which submissions a row is about, and how many days late each was. UsageError where that cannot be read."""


def late_wishes(book: Gradebook, path: Path, reason: str, find: Find) -> tuple[list[Wish], list[str]]:
    """The marks that a table of lateness asks for, and what is wrong with its other rows.

    Args:
        book: the submissions.
        path: a CSV with a column submission or student and one days, or Moodle's worksheet.
        reason: why; it goes with each mark.
        find: a submission by its name or its student's id; UsageError where there is none.
    """
    table = read_table(path, ("days",), row_by_row=True, is_header=lambda it: _in_moodle(it) or _whose(it))
    if _in_moodle(table.columns):
        read = _worksheet(book)
    elif column := _whose(table.columns):
        read = _own(book, column, find)
    else:
        told = "the first line must name the columns submission (or student) and days"
        raise UsageError(f"{path}, line {table.line}: {told}")
    wishes: dict[str, Wish] = {}
    faults = [f"{path}, line {line}: {why}" for line, why in table.faults]
    for row in table.rows:
        try:
            for name, days in read(row):
                if name in wishes:
                    raise UsageError(f"{one_line(name)} is there twice")
                wishes[name] = Wish(name, "", days, reason, kind="late")
        except UsageError as error:
            faults.append(f"{path}, line {row.line}: {error}")
    return list(wishes.values()), faults


def _in_moodle(columns: Collection[str]) -> bool:
    """Whether these are the columns of Moodle's worksheet."""
    return {"identifier", "status"}.issubset(columns)


def _whose(columns: Collection[str]) -> str:
    """The column of a table of one's own that says whose a row is; "" where these are others."""
    named = [name for name in ("submission", "student") if name in columns]
    return named[0] if named and "days" in columns else ""


def _own(book: Gradebook, column: str, find: Find) -> Read:
    def read(row: CsvRow) -> list[tuple[str, float]]:
        name = find(book, unmarked(row.cells[column].strip()))
        days = number(row.cells["days"])
        if days is None or days < 0:
            raise UsageError(f"{one_line(row.cells['days'])!r} is no number of days")
        return [(name, days)]

    return read


def _worksheet(book: Gradebook) -> Read:
    """Moodle's worksheet: its status says how late, extensions taken into account; or nothing: in time."""
    found = book.read()
    theirs: dict[str, list[str]] = {}
    graded = {name: grade.student for name, grade in {**found.grades, **found.aside}.items()}
    for name, student in {**found.students, **graded}.items():
        if student is not None and student.platform == "moodle":
            theirs.setdefault(student.platform_id, []).append(name)

    def read(row: CsvRow) -> list[tuple[str, float]]:
        who = PARTICIPANT.fullmatch(unmarked(row.cells["identifier"]).strip())
        status = unmarked(row.cells.get("status", "")).strip()
        if status.startswith(NOTHING):
            return []
        if not status.startswith(SOMETHING):
            told = "is no status in English; switch Moodle to English and download the worksheet again"
            raise UsageError(f"{one_line(status)[:80]!r} {told}")
        if who is None or who["number"] not in theirs:
            raise UsageError(f"no submission is of {one_line(row.cells['identifier'])[:80]!r}")
        return [(name, _days(status)) for name in theirs[who["number"]]]

    return read


def _days(status: str) -> float:
    """How many days late a status says; 0 where it does not."""
    late = LATE.search(status)
    return sum(int(count) * DAYS[unit] for count, unit in PART.findall(late["time"])) if late else 0.0

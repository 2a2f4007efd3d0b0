"""The same hand-in under another id than in an earlier run: its results and marks go with it.

An id changes when more becomes known: a roster or a receipt settles a name, a SID is filled in, somebody
renames a file. What the platform calls the file or folder says that it is the same hand-in; where no platform
says anything, the same work in the same place does. It must be the only one on both sides: what could be two
people's is named and left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from autograder.batch.items import Item
from autograder.errors import ConvlabError
from autograder.grade import Student
from autograder.gradebook import Gradebook, Kind
from autograder.lab import Lab
from autograder.report.people import Key, composed
from autograder.submission import Tell, silent
from autograder.submission.gradescope import FOLDER
from autograder.text import printable

OF_PEOPLE: tuple[Kind, ...] = ("late", "extension", "withdrawn")
"""What can be decided of a student, by the student's id."""
MOST = 10
"""So many names are in a sentence."""


@dataclass(frozen=True)
class Before:
    """A row of an earlier run that is in no hand-in's name now."""

    name: str
    student: Student | None
    place: str
    work: str

    @property
    def handle(self) -> tuple[str, str]:
        """What the platform called it."""
        return _handle(self.student, self.place.rpartition("/")[2])


def _handle(student: Student | None, own: str) -> tuple[str, str]:
    """The platform and what it calls a hand-in, the same for whoever it is thought to be; or nothing."""
    if student is None or not student.platform:
        return ("gradescope", own) if FOLDER.fullmatch(own) else ("", "")
    called = student.handed_in_as
    if student.platform == "blackboard":
        called = called.rpartition("_attempt_")[0] or called  # a later attempt is the same person's
    if student.platform == "moodle":
        called = called.rpartition("_assign")[0] or called  # so is another file
    return (student.platform, called) if called else ("", "")


def _person(student: Student | None) -> tuple[str, str]:
    """Who it is on the platform, whatever they are called there now; or nothing."""
    return (student.platform, student.platform_id) if student is not None else ("", "")


def _called(item: Item) -> Key:
    return _handle(item.student, item.handed.part if item.handed is not None else "")


def _by_handle(before: Before) -> tuple[str, str]:
    return before.handle


def _by_name(before: Before) -> tuple[str, str]:
    """The name of the row, however Unicode writes it; two rows of one name are two people's."""
    return "", composed(before.name)


def _by_person(before: Before) -> tuple[str, str]:
    return _person(before.student)


@dataclass(frozen=True)
class Pair:
    """A row of before, a hand-in of now, and why these are the same."""

    before: Before
    item: Item
    why: str


class Carrying:
    """Takes the rows of earlier runs on to the ids of this one.

    Args:
        book: the results folder; its lock is held.
        items: the hand-ins of this run.
        lab: whose they are.
        who: who grades, for the log of marks.
        tell: is given what was carried, and what is not certain.
    """

    def __init__(
        self, book: Gradebook, items: Sequence[Item], lab: Lab, who: str, tell: Tell = silent
    ) -> None:
        self._book, self._items, self._lab, self._who, self._tell = book, items, lab, who, tell
        here = {item.id for item in items}
        self._there = frozenset(book.there())
        self._absent = [self._before(name) for name in sorted(self._there - here)]

    def carry(self) -> list[Item]:
        """Carry what is certain; the hand-ins, with what was known of their students before."""
        students: dict[str, Student] = {}
        for pair in [*self._pairs()]:
            rows = self._book.carry(pair.before.name, pair.item.id, self._who, pair.why)
            marks = sum(bool(row.went_to) for row in rows)
            more = f", with {marks} mark{'' if marks == 1 else 's'}" if marks else ""
            if composed(pair.before.name) != composed(pair.item.id):
                told = f"{printable(pair.before.name)} is {printable(pair.item.id)} now"
                self._tell(f"{told} ({pair.why}){more}")
            if (kept := _named_before(pair.item.student, pair.before.student)) is not None:
                students[pair.item.id] = kept
        items = [replace(item, student=students.get(item.id, item.student)) for item in self._items]
        self._carry_people(items)
        return items

    def _before(self, name: str) -> Before:
        kept, record = self._book.handed_in(name), self._book.ungraded(name)
        if record is not None:
            return Before(name, record.student, record.place, "")
        grade = self._book.machine(name)
        work = grade.work if grade is not None else ""
        return Before(name, grade.student if grade is not None else None, kept.place, work)

    # ---- which is which ------------------------------------------------------------------------------

    def _pairs(self) -> Iterator[Pair]:
        left = list(self._absent)
        for known, of, what in (
            (self._grouped(_called), _by_handle, "hand-in"),
            (self._grouped(lambda item: _person(item.student)), _by_person, "person"),
            (self._grouped(lambda item: ("", composed(item.id))), _by_name, "name"),
        ):
            for before in list(left):
                key = of(before)
                if not key[1] or not (items := known.get(key)):
                    continue
                left.remove(before)
                same = [other for other in self._absent if of(other) == key]
                # Two hand-ins of a person that both have results are two, whichever is in this download.
                apart = what == "person" and items[0].id in self._there
                if len(items) == len(same) == 1 and not apart:
                    yield Pair(before, items[0], f"the same {what}, {printable(key[1])}")
                elif before is same[0]:
                    self._ask([other.name for other in same], [item.id for item in items])
        for before in left:
            items = self._same_work(before)
            alone = len(items) == 1 and self._alone(before)
            if alone and _moved_within(before, items[0]):
                yield Pair(before, items[0], "the same work in the same place")
            elif items:
                self._ask([before.name], [item.id for item in items])

    def _grouped(self, key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
        """The hand-ins by what a run would know them by."""
        found: dict[Key, list[Item]] = {}
        for item in self._items:
            found.setdefault(key(item), []).append(item)
        return found

    def _same_work(self, before: Before) -> list[Item]:
        """New hand-ins of the very same work that can be the same person's."""
        found = self._by_work.get(before.work, []) if before.work else []
        return [item for item in found if not _two_people(before.student, item.student)]

    def _alone(self, before: Before) -> bool:
        """Whether no other row of an earlier run is of the same work: not what everyone was given."""
        works = (self._book.handed_in(name).digest for name in self._there if name != before.name)
        return before.work not in works

    @cached_property
    def _by_work(self) -> dict[str, list[Item]]:
        """The hand-ins that have no results yet, by a digest of their work; all are read for that."""
        found: dict[str, list[Item]] = {}
        for item in self._items:
            if item.id not in self._there:
                try:
                    found.setdefault(item.open(self._lab).digest, []).append(item)
                except (ConvlabError, OSError, ValueError):
                    continue  # its own row says what is wrong
        return found

    def _ask(self, old: Sequence[str], new: Sequence[str]) -> None:
        """Say what could be the same, and how a person decides it."""
        first, then = " or ".join(map(printable, old)), " or ".join(map(printable, new[:MOST]))
        do = f"`convlab marks move {self._book.folder} OLD NEW` joins them if they are the same"
        self._tell(f"not certain whether {first} of an earlier run is {then} now; all are kept. {do}")

    # ---- what is decided of people ---------------------------------------------------------------------

    def _carry_people(self, items: Sequence[Item]) -> None:
        """What was decided of a student goes with the student's id, where another one is known now."""
        ids = {item.student.id for item in items if item.student is not None}
        ledger = self._book.marks()
        decided = {
            name for name in ledger.names() if any(slot[0] in OF_PEOPLE for slot in ledger.slots_of(name))
        }
        if not (decided := decided - ids - set(self._book.there())):
            return
        for item in items:
            grade, record = self._book.machine(item.id), self._book.ungraded(item.id)
            before = grade.student if grade is not None else record.student if record is not None else None
            own = item.student.id if item.student is not None else ""
            if before is not None and own and before.id in decided:
                self._book.move(before.id, own, self._who, f"the id of {item.id}'s student", OF_PEOPLE)
                if composed(before.id) != composed(own):
                    self._tell(f"{printable(before.id)} is {printable(own)} now: what was decided goes along")


def _named_before(student: Student | None, before: Student | None) -> Student | None:
    """Who it is, where that was settled before and is open in this run; else None."""
    if before is None or not before.id or (student is not None and student.id):
        return None
    told = student.model_dump(include={"late", "handed_in_as", "late_days", "submitted"}) if student else {}
    return before.model_copy(update=told)


def _two_people(one: Student | None, other: Student | None) -> bool:
    """Whether the platform says that these are two people."""
    return bool(
        one and other and one.platform_id and other.platform_id and one.platform_id != other.platform_id
    )


def _moved_within(before: Before, item: Item) -> bool:
    """Whether a row of the same folder or download is gone from there, so that this one is in its place."""
    if item.handed is None:
        return False
    held, _, own = before.place.rpartition("/")
    place, _, _ = item.handed.place.rpartition("/")
    gone = bool(item.handed.part) or not (item.path.parent / Path(own).name).exists()
    return bool(held) and held == place and gone


def unaccounted(book: Gradebook, items: Sequence[Item]) -> tuple[list[str], list[str]]:
    """Who has marks and is not in this run: those who have a row, and those who have none."""
    ids = {item.id for item in items}
    for item in items:
        if item.student is not None:
            ids |= {item.student.id, *(member.id for member in item.student.members)}
    marked = book.marks().names() - ids
    rows = {name: book.machine(name) or book.ungraded(name) for name in book.there()} if marked else {}
    known = set(rows) | {
        row.student.id for row in rows.values() if row is not None and row.student is not None
    }
    return sorted(marked & known), sorted(marked - known)

"""The gradebook: a results folder, and the only way to change what is in it."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Any

from pydantic import ValidationError

from autograder.errors import UsageError
from autograder.files import PART, write_all_or_nothing
from autograder.grade import Grade, QuestionResult, Student, Verdict
from autograder.gradebook.database import Database
from autograder.gradebook.deriving import (
    Rules,
    derived,
    lapsed,
    lapsed_without_a_grade,
    names,
    open_lateness,
    set_aside,
)
from autograder.gradebook.gradescope import results
from autograder.gradebook.handed_in import HandedIn, read_handed_in
from autograder.gradebook.lock import InUse, locked
from autograder.gradebook.marks import (
    QUESTIONS,
    Kind,
    Ledger,
    Mark,
    Refused,
    Slot,
    Wish,
    digest_of_answer,
    ids,
    new_id,
    now,
    old_marks,
    slot_of,
)
from autograder.gradebook.moving import followed, led_on, moved
from autograder.gradebook.names import (
    ABSENT,
    BEHIND,
    FEEDBACK,
    GRADE,
    HANDED_IN,
    HISTORY,
    PICTURES,
    RESERVED,
    RESULTS,
    TABLE,
    UNGRADED,
)
from autograder.gradebook.reading import Results, graded_names, read_grade, read_results, ungraded
from autograder.gradebook.table import grades_csv
from autograder.gradebook.ungraded import Ungraded, read_ungraded
from autograder.lab import Lab

SHARE = 20
"""What is made of all grades is made again when so many times as long has passed as making it took."""
WHOLE = "0001-01-01T00:00:00+00:00"
"""The time of a mark whose time is not known."""


def _called(found: Results) -> set[str]:
    """All by which marks may call those who are in a results folder: names of rows, ids of students."""
    whose = [*(grade.student for grade in found.grades.values()), *found.students.values()]
    own = {one.id for student in whose if student for one in (student, *student.members)}
    return {*found.grades, *found.broken, *found.unreadable, *own}


def _noted(path: Path) -> list[str]:
    try:
        return list(map(str, json.loads(path.read_bytes())))
    except (OSError, ValueError, TypeError):
        return []


@dataclass(frozen=True)
class Row:
    """One row of a class: a submission, its grade or why it has none, and whose it is."""

    name: str
    grade: Grade | str
    student: Student | None = None


@dataclass(frozen=True)
class Settled:
    """Whether the files have every mark: `holder` is who writes there now and will put them in, or ""."""

    holder: str = ""


class Gradebook:
    """A results folder. A context manager: entered, it holds the folder's lock, and may change its files.

    Results of checks are files, which can be computed again. Marks, what people give, are in a database,
    which takes them at any time (`mark`), whoever holds the lock: a mark is on disk before it is reported,
    and is never changed. grade.json and all that is made from it are derived from both. Who holds the lock
    keeps the files up to date; where that is someone else, they put the latest marks in when they are done.

    Reading (`grade`, `read`) needs no lock: every file is there whole, and the marks come from the database,
    whatever a file says.
    """

    def __init__(self, folder: Path, lab: Lab | None = None) -> None:
        self.folder = folder
        self.rules = Rules(lab.late, lab.hand_ins) if lab is not None else Rules()
        self._questions = tuple(question.id for question in lab.questions) if lab is not None else ()
        self._database = Database(folder)
        self._lock: TextIOWrapper | None = None
        self._due = 0.0

    @classmethod
    def existing(cls, folder: Path, lab: Lab | None = None) -> Gradebook:
        """The gradebook of a folder that holds grades. UsageError when it does not; nothing is made there."""
        graded_names(folder)
        return cls(folder, lab)

    def __enter__(self) -> Gradebook:
        self._lock = locked(self.folder)
        try:
            for place in ("", "*/", f"*/{HISTORY}/"):
                for left in self.folder.glob(f"{place}{PART}*"):
                    left.unlink(missing_ok=True)
            self._refresh()
        except BaseException:
            self._unlock()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        try:
            if kind is None or not issubclass(kind, UsageError):
                self._refresh()
        finally:
            self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    # ---- reading -----------------------------------------------------------------------------------

    def grade(self, name: str) -> Grade | None:
        """The grade that is there now, with the latest marks, if it is whole and this submission's."""
        grade = self._file(name)
        return None if grade is None else self.with_marks(grade)

    def with_marks(self, grade: Grade) -> Grade:
        """A grade with the marks that are valid for it, and no others."""
        ledger = self._known([grade], list(filter(None, names(grade))))
        earlier = self._file(grade.submission)
        if earlier is not None and (more := followed(ledger, earlier, grade)):
            ledger = Ledger([*ledger.marks, *more])
        return derived(grade, ledger, self.rules)

    def read(self) -> Results:
        """Everything that is there. UsageError when there is no grade."""
        found = read_results(self.folder)
        return self._sorted(found, self._known(found.grades.values()))

    def renewed(self) -> Results:
        """Everything that is there, and the files brought up to date with the lab's settings of today."""
        found = read_results(self.folder)
        ledger = self._known(found.grades.values())
        files: dict[Path, str] = {}
        for name, grade in found.grades.items():
            if (now := derived(grade, ledger, self.rules)) != grade:
                files |= self._files(name, None, now)
        results = self._sorted(found, ledger)
        self._write({**files, self.folder / TABLE: self._table(results)})
        return results

    def _sorted(self, found: Results, ledger: Ledger) -> Results:
        """What is in the files, with these marks; those that count apart from those that do not."""
        grades = {name: derived(grade, ledger, self.rules) for name, grade in found.grades.items()}
        sorted_out = set_aside(grades, ledger, self.rules)
        counted = {name: grade for name, grade in sorted_out.items() if not grade.aside}
        aside = {name: grade for name, grade in sorted_out.items() if grade.aside}
        told = {name: open_lateness(grade, ledger, self.rules) for name, grade in counted.items()}
        unsure = {name: why for name, why in told.items() if why}
        unreadable = _still_here(found.unreadable, found.students, ledger)
        sorted_ = replace(found, grades=counted, aside=aside, unsure=unsure, unreadable=unreadable)
        gone = {name: lapsed(grade, ledger) for name, grade in counted.items()}
        gone |= {name: lapsed_without_a_grade(name, ledger) for name in unreadable}
        sorted_ = replace(sorted_, lapsed={name: why for name, why in gone.items() if why})
        marked = ledger.names()
        absent = sorted(marked.intersection(_noted(self.folder / ABSENT)))
        return replace(sorted_, absent=absent, strangers=sorted(marked - _called(found)))

    def everyone(self) -> Iterator[Row]:
        """Every row of the class, whatever the last run covered, one at a time: all at once can be large."""
        if not self.folder.is_dir():
            return
        ledger = self._database.ledger()
        for name in self._having(GRADE):
            found = read_grade(self.folder / name / GRADE)
            if isinstance(found, Grade):
                found = derived(found, self._with_old(ledger, [found]), self.rules)
            yield Row(name, found, found.student if isinstance(found, Grade) else None)
        problems, students = ungraded(self.folder)
        for name, why in _still_here(problems, students, ledger).items():
            yield Row(name, why, students.get(name))

    def marks(self) -> Ledger:
        """Every mark in the database."""
        return self._database.ledger()

    def marks_since(self, number: int) -> tuple[list[Mark], int]:
        """The marks that came after those known by this number (0: all), and the number for the next call."""
        return self._database.since(number)

    def machine(self, name: str) -> Grade | None:
        """What the checks came to, without marks."""
        grade = self._file(name)
        return None if grade is None else grade.machine

    def undo(self, marks: Sequence[Mark], who: str, via: str = "") -> tuple[list[Mark], list[Refused]]:
        """Take marks back: what each replaced counts again. Refused is one that another mark has replaced."""
        ledger = self.marks()
        wishes = []
        for mark in marks:
            before = ledger.by_id.get(mark.replaces[-1]) if mark.replaces else None
            points, items, comment = before.content if before is not None else (None, (), "")
            answer = mark.answer if mark.kind == QUESTIONS else None
            heads = ledger.heads(mark.slot)
            back = {head.id for head in heads if (one := ledger.restored(head)) and one.id == mark.id}
            seen = frozenset({mark.id, *back})
            place = (mark.submission, mark.question)
            wishes.append(Wish(*place, points, comment, items, answer, mark.kind, seen, mark.id))
        return self.mark(wishes, who, via)

    def _file(self, name: str) -> Grade | None:
        try:
            grade = Grade.model_validate_json((self.folder / name / GRADE).read_bytes())
        except (OSError, ValidationError):
            return None
        return grade if grade.submission == name else None

    def _known(self, grades: Iterable[Grade], submissions: Sequence[str] | None = None) -> Ledger:
        """The database's marks, and those of an earlier convlab that are only in the grades themselves."""
        return self._with_old(self._database.ledger(submissions), grades)

    def _with_old(self, ledger: Ledger, grades: Iterable[Grade]) -> Ledger:
        """Marks, and those of an earlier convlab that are only in the grades themselves."""
        more = _not_in(ledger, grades, self.folder)
        return Ledger([*more, *ledger.marks]) if more else ledger

    def _take_over(self, ledger: Ledger, grades: Iterable[Grade]) -> bool:
        """Add to the database what only these grades have; whether that was anything."""
        old = _not_in(ledger, grades, self.folder)
        if old:
            self._database.change(lambda there: [mark for mark in old if mark.id not in there.by_id])
        return bool(old)

    # ---- marks: at any time, whoever holds the lock --------------------------------------------------

    def mark(
        self, wishes: Sequence[Wish], who: str, via: str = "", *, led: bool = False
    ) -> tuple[list[Mark], list[Refused]]:
        """Keep marks: those that were kept, and those that were not, with the reason.

        Where they are `led`, the others go with the first: none of them is kept where that one is refused.

        The marks are on disk when this returns; call `settle` to bring the files up to date. Refused is a
        mark of an answer that is there no more, of points that do not fit, or over a mark that its giver has
        not seen. UsageError, and no mark is kept, when the disk does not take them.
        """
        refused: list[Refused] = []
        grades = {wish.submission: self._file(wish.submission) for wish in wishes}
        if not wishes:
            return [], []

        def decide(ledger: Ledger) -> list[Mark]:
            old = _not_in(ledger, filter(None, grades.values()), self.folder)
            kept: list[Mark] = []
            at = now()
            for wish in wishes:
                known = Ledger([*old, *ledger.marks, *kept]) if old or kept else ledger
                made = _made(wish, grades[wish.submission], known, who, via, at)
                if isinstance(made, Refused):
                    refused.append(made)
                    if led and wish is wishes[0]:
                        break
                elif made is not None:
                    kept.append(made)
            return [*old, *kept]

        given = {wish.submission for wish in wishes}
        added = self._database.change(decide)
        return [mark for mark in added if mark.submission in given and mark.via != "grade.json"], refused

    def merge(self, marks: Sequence[Mark]) -> list[Mark]:
        """Add another database's marks to this one, those that are not here yet; the added ones.

        Those of a name whose marks went to another one follow them.
        """

        def decide(ledger: Ledger) -> list[Mark]:
            added = [mark for mark in marks if mark.id not in ledger.by_id]
            for name in dict.fromkeys(mark.submission for mark in added):
                known = Ledger([*ledger.marks, *added])
                goal = led_on(known, name)
                if goal != name and not (self.folder / name / GRADE).is_file():
                    added += moved(known, name, goal, "", f"as the others of {name}")
            return added

        return self._database.change(decide)

    def move(self, old: str, new: str, who: str, why: str, kinds: Collection[Kind] = ()) -> list[Mark]:
        """Let the marks of one name, of a submission or a student, be another's; the rows that say so."""
        return self._database.change(lambda ledger: moved(ledger, old, new, who, why, kinds))

    def settle(self) -> Settled:
        """Bring the files up to date with the marks; where another process writes there, it will."""
        if self._lock is not None:
            self._refresh()
            return Settled()
        try:
            with self:
                return Settled()
        except InUse as error:
            return Settled(error.holder)

    def _refresh(self) -> None:
        """Put the latest marks into the files that lack them; first take over an earlier convlab's."""
        self._insist_on_lock()
        self._adopt()
        stale = self._database.stale()
        behind = (self.folder / BEHIND).exists()
        if not stale and not behind:
            return
        found = read_results(self.folder) if self._has_grades() else self._no_grades()
        ledger = self._database.ledger()
        known = {name for name, grade in found.grades.items() if not stale.keys().isdisjoint(names(grade))}
        if self._take_over(ledger, [found.grades[name] for name in known]):
            ledger = self._database.ledger()
        files: dict[Path, str] = {}
        for name in known:
            files |= self._files(name, found.grades[name], derived(found.grades[name], ledger, self.rules))
        if found.grades or found.unreadable:
            files[self.folder / TABLE] = self._table(self._sorted(found, ledger))
        try:
            self._write(files)
        except UsageError as error:
            raise UsageError(f"{error}. The marks themselves are safe in {self._database.path}") from None
        if stale:
            self._database.settled(stale)
        (self.folder / BEHIND).unlink(missing_ok=True)

    def _adopt(self) -> None:
        """Take over the marks that an earlier convlab kept in the grades: once, when the database is made."""
        if self._database.exists() or not any(map(_may_hold_marks, self.folder.glob(f"*/{GRADE}"))):
            return
        found = read_results(self.folder).grades.values()
        if _not_in(Ledger(()), found, self.folder):
            self._database.change(lambda ledger: _not_in(ledger, found, self.folder))

    def _has_grades(self) -> bool:
        return any(self.folder.glob(f"*/{GRADE}"))

    def _no_grades(self) -> Results:
        """What is in a folder without a single grade."""
        problems, students = ungraded(self.folder)
        return Results(self.folder, {}, problems, students=students)

    def _table(self, found: Results) -> str:
        rows: list[tuple[str, Grade | str]] = [*found.grades.items(), *found.unreadable.items()]
        rows += found.broken.items()
        questions = self._questions or list(
            dict.fromkeys(question.id for grade in found.grades.values() for question in grade.questions)
        )
        return grades_csv(rows, questions, found.students)

    def _fall_behind(self) -> None:
        """Note that the table will lack what is written next, before that is written.

        Whoever is killed before the table is written again leaves the note, and whoever takes the lock
        afterwards writes it.
        """
        self._write({self.folder / BEHIND: ""})

    # ---- writing files -----------------------------------------------------------------------------

    def put(self, name: str, grade: Grade, work: HandedIn | None = None) -> Grade:
        """Write a run's grade of a submission, and return it as written: with the marks valid for it.

        The marks are read here and now, so that those given since the run began are not lost. Of `grade`
        itself only what the checks came to counts. `work` is kept beside it, for people who mark.
        """
        earlier = self._file(name)
        if earlier is not None:
            own = self._database.ledger([name])
            if self._take_over(own, [earlier]):
                own = self._database.ledger([name])
            if followed(own, earlier, grade):
                self._database.change(lambda ledger: followed(ledger, earlier, grade))
        grade = derived(grade, self._database.ledger(list(filter(None, names(grade)))), self.rules)
        self._fall_behind()
        self._write({**(work.files(self.folder / name) if work else {}), **self._files(name, earlier, grade)})
        self._remove(name, UNGRADED)
        return grade

    def handed_in(self, name: str) -> HandedIn:
        """The modules of a submission, as far as the run that graded it kept them."""
        return read_handed_in(self.folder / name)

    def drop(self, name: str, record: Ungraded) -> None:
        """Where there is no grade now, none of an earlier run may stay; it goes into history/.

        The record stays until the submission is graded, whatever later runs cover.
        """
        earlier = self.grade(name)
        files = self._remembered(name, earlier) if earlier is not None else {}
        self._fall_behind()
        self._write({**files, self.folder / name / UNGRADED: record.to_json()})
        self._remove(name, GRADE, RESULTS, FEEDBACK, HANDED_IN)

    def there(self) -> list[str]:
        """The submissions that have a grade here, or a record of why there is none."""
        return sorted({*self._having(GRADE), *self._having(UNGRADED)})

    def _having(self, file: str) -> list[str]:
        """The submissions that have such a file."""
        found = (path.parent.name for path in self.folder.glob(f"*/{file}"))
        return sorted(name for name in found if not name.startswith("."))

    def ungraded(self, name: str) -> Ungraded | None:
        """The record of a submission that has no grade."""
        return read_ungraded(self.folder / name)

    def carry(self, old: str, new: str, who: str, why: str) -> list[Mark]:
        """Let results and marks of a row be another's, which is the same hand-in; the rows about marks.

        Marks go first: whoever is killed then finds the same two rows again. Where the other one has
        results of its own, these stay, and the earlier ones go into its history.
        """
        self._insist_on_lock()
        self._adopt()
        if (earlier := self._file(old)) is not None:
            self._take_over(self.marks(), [earlier])
        rows = self.move(old, new, who, why)
        if old in self.there():  # a mark that was merged may name anything
            self._carry_files(old, new, earlier)
        return rows

    def _carry_files(self, old: str, new: str, earlier: Grade | None) -> None:
        source, target = self.folder / old, self.folder / new
        if target.exists() and target.samefile(source):
            return  # the file system takes the two names for one
        own = (target / GRADE).is_file()
        files: dict[Path, str | bytes] = {}
        number = max((int(path.stem) for path in _history(target)), default=0)
        for path in _history(source):
            number += 1
            files[target / HISTORY / f"{number}.json"] = path.read_bytes()
        if earlier is not None and own:
            files[target / HISTORY / f"{number + 1}.json"] = earlier.to_json()
        elif earlier is not None:
            grade = earlier.machine.model_copy(update={"submission": new})
            kept = [source / HANDED_IN, *(source / PICTURES).glob("*")]
            files |= {target / path.relative_to(source): path.read_bytes() for path in kept if path.is_file()}
            files |= {target / RESULTS: results(grade), target / GRADE: grade.to_json()}
        self._fall_behind()
        self._write(files)
        self._remove(old, GRADE, RESULTS, FEEDBACK, HANDED_IN, UNGRADED)
        for path in (*_history(source), *(source / PICTURES).glob("*")):
            path.unlink(missing_ok=True)
        for folder in (source / HISTORY, source / PICTURES, source):
            with suppress(OSError):
                folder.rmdir()  # what else someone put there stays

    def two_people(self, old: str, new: str) -> str:
        """Why marks of one row should not become another's just so; "" where nothing speaks against it.

        A row that a person may well let be another one is of an earlier run, and was not graded last.
        """
        both = [self._file(name) for name in (old, new)]
        if None in both or not self.marks().slots_of(old):
            return ""
        first, second = (grade.student for grade in both if grade is not None)
        known = [s for s in (first, second) if s is not None and s.platform_id]
        if len({s.platform for s in known}) == 1 and len({s.platform_id for s in known}) == 2:
            return f"{old} and {new} are two people ({' and '.join(s.platform_id for s in known)})"
        if old not in _noted(self.folder / ABSENT):
            return (
                f"{old} and {new} both have a grade, and {old} was not missing when the class was graded last"
            )
        return ""

    def note_absent(self, names_: Sequence[str]) -> None:
        """Keep who has marks, but was not in what was graded last: the report names them too."""
        if names_ or (self.folder / ABSENT).exists():
            self._write({self.folder / ABSENT: json.dumps(sorted(names_), indent=1) + "\n"})

    def forget(self, name: str) -> None:
        """Remove the record of a hand-in without a grade: another one of the same person has one."""
        self._fall_behind()
        self._remove(name, UNGRADED)
        with suppress(OSError):
            (self.folder / name).rmdir()  # where nothing else is in it

    def table(
        self,
        rows: Sequence[tuple[str, Grade | str]],
        questions: Sequence[str],
        students: Mapping[str, Student] | None = None,
        last: bool = False,
    ) -> None:
        """Write the table of all so far: at once, then now and then, and at the end.

        Args:
            rows: each submission with its grade, or why it has none.
            questions: the ids of the questions, a column each.
            students: those of submissions that have no grade.
            last: write it whatever the time.
        """
        started = time.monotonic()
        if last or started >= self._due:
            counted = self._counted(rows, students or {})
            self._write({self.folder / TABLE: grades_csv(counted, questions, students)})
            now = time.monotonic()
            self._due = now + SHARE * (now - started)
        if last:
            (self.folder / BEHIND).unlink(missing_ok=True)

    def write_pages(self, pages: Mapping[str, str | bytes]) -> None:
        """Write pages and tables about the grades, by their paths in the folder; all or nothing.

        RuntimeError for a name that a submission may have: its folder could be there.
        """
        for path in pages:
            top, _, below = path.partition("/")
            if top not in RESERVED and below != FEEDBACK:
                raise RuntimeError(f"{path}: {top} is not among the names in gradebook/names.py")
        self._write({self.folder / path: text for path, text in pages.items()})

    def remove_page(self, name: str) -> None:
        """Remove a student's page about a grade that is no more."""
        if Path(name).name == name != "..":  # it was read from a table, and leads nowhere else
            self._remove(name, FEEDBACK)

    def _counted(
        self, rows: Sequence[tuple[str, Grade | str]], students: Mapping[str, Student]
    ) -> list[tuple[str, Grade | str]]:
        """The rows without hand-ins that do not count."""
        ledger = self._database.ledger()
        grades = {name: grade for name, grade in rows if isinstance(grade, Grade)}
        sorted_out = set_aside(grades, ledger, self.rules)
        counting = {name for name, grade in sorted_out.items() if not grade.aside}
        problems = {name: why for name, why in rows if isinstance(why, str)}
        counting |= _still_here(problems, students, ledger).keys()
        return [row for row in rows if row[0] in counting]

    def withdrawn(self, of_whom: Mapping[str, Student | None]) -> set[str]:
        """The submissions, of those named with their students, that people took out of all tables."""
        ledger = self._database.ledger()
        return {name for name, student in of_whom.items() if _is_withdrawn(name, student, ledger)}

    def _files(self, name: str, earlier: Grade | None, grade: Grade) -> dict[Path, str]:
        """A grade's files, grade.json last; an earlier result of the checks goes into history/."""
        another = earlier is not None and _checked(earlier) != _checked(grade)
        files = self._remembered(name, earlier) if earlier is not None and another else {}
        files[self.folder / name / RESULTS] = results(grade)
        files[self.folder / name / GRADE] = grade.to_json()
        return files

    def _remembered(self, name: str, earlier: Grade) -> dict[Path, str]:
        """An earlier grade as the next file in history/."""
        number = max((int(path.stem) for path in _history(self.folder / name)), default=0) + 1
        return {self.folder / name / HISTORY / f"{number}.json": earlier.to_json()}

    def _write(self, files: Mapping[Path, str | bytes]) -> None:
        """Write those files that do not hold their text already, all or nothing."""
        self._insist_on_lock()
        write_all_or_nothing({path: text for path, text in files.items() if not _holds(path, text)})

    def _remove(self, name: str, *files: str) -> None:
        self._insist_on_lock()
        for file in files:
            try:
                (self.folder / name / file).unlink(missing_ok=True)
            except NotADirectoryError:
                return

    def _insist_on_lock(self) -> None:
        if self._lock is None:
            raise RuntimeError(f"{self.folder}: changed without its lock")


def _history(folder: Path) -> list[Path]:
    """The earlier grades of a submission, the first one first."""
    found = [path for path in (folder / HISTORY).glob("*.json") if path.stem.isdecimal()]
    return sorted(found, key=lambda path: int(path.stem))


def _still_here(
    problems: Mapping[str, str], students: Mapping[str, Student], ledger: Ledger
) -> dict[str, str]:
    """Hand-ins without a grade, but for those that people took out of all tables."""
    return {
        name: why for name, why in problems.items() if not _is_withdrawn(name, students.get(name), ledger)
    }


def _is_withdrawn(name: str, student: Student | None, ledger: Ledger) -> bool:
    own = student.id if student is not None else ""
    return ledger.fact("withdrawn", name, own) is not None


def _checked(grade: Grade) -> dict[str, Any]:
    """What the checks came to, to be compared; grades of an earlier convlab have no digest of the code."""
    return timeless(grade.machine.model_copy(update={"code": ""}))


def timeless(grade: Grade) -> dict[str, Any]:
    """A grade without what the clock says, to be compared."""
    data = grade.model_dump(mode="json", exclude={"seconds"})
    for question in data["questions"]:
        for check in question["checks"]:
            del check["seconds"]
    return data


def _holds(path: Path, text: str | bytes) -> bool:
    try:
        return path.read_bytes() == (text.encode() if isinstance(text, str) else text)
    except OSError:
        return False


def _not_in(ledger: Ledger, grades: Iterable[Grade], folder: Path) -> list[Mark]:
    """The marks that an earlier convlab kept in these grades, and that are not in the database."""
    found = []
    for grade in grades:
        for mark in old_marks(grade, _changed(folder / grade.submission / GRADE)):
            if mark.id not in ledger.by_id:
                found.append(mark)
    return found


def _may_hold_marks(path: Path) -> bool:
    """Whether an earlier convlab may have kept a mark here. To read every file as a grade takes long."""
    try:
        return f'"{Verdict.GRADED}"'.encode() in path.read_bytes()
    except OSError:
        return False


def _changed(path: Path) -> str:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="microseconds")
    except OSError:
        return WHOLE


def _made(
    wish: Wish, grade: Grade | None, ledger: Ledger, who: str, via: str, at: str
) -> Mark | Refused | None:
    """The mark that a wish becomes; None where it is there already.

    Args:
        wish: what is asked for.
        grade: the submission's, as it is now; None where there is none.
        ledger: the marks that are there.
        who: the giver.
        via: where they gave it.
        at: when. Marks of one time were given together, and are undone together.
    """
    slot: Slot = (wish.kind, wish.submission, "", "", 0.0)
    if wish.kind == QUESTIONS:
        found = _asked(wish, grade)
        if isinstance(found, Refused):
            return found
        slot = found
    heads = ledger.heads(slot)
    unseen = [mark for mark in heads if wish.seen is not None and mark.id not in wish.seen]
    content = (wish.points, wish.items, wish.comment)
    if len(heads) == 1 and heads[0].content == content:
        return None
    if not heads and wish.points is None:
        return None
    if unseen:
        told = "; ".join(mark.decided for mark in unseen)  # without a name: markers may not see any
        return Refused(wish, f"marked by someone else meanwhile ({told})", tuple(unseen), stale=True)
    try:
        return Mark(
            id=new_id(),
            kind=wish.kind,
            submission=wish.submission,
            question=slot[2],
            answer=slot[3],
            most=slot[4],
            points=wish.points,
            items=wish.items,
            comment=wish.comment,
            who=who,
            at=at,
            via=via,
            replaces=ids(heads),
            undoes=wish.undoes,
        )
    except ValidationError as error:
        first = error.errors()[0]
        return Refused(wish, f"{first['loc'][0]}: {first['msg']}")


def _asked(wish: Wish, grade: Grade | None) -> Slot | Refused:
    """The slot of a question's mark; Refused where the answer is not there, or the points do not fit."""
    if grade is None:
        return Refused(wish, "it has no grade", stale=True)
    try:
        question: QuestionResult = grade.machine.question(wish.question)
    except KeyError:
        return Refused(wish, f"its grade has no question {wish.question}", stale=True)
    if wish.answer is not None and not digest_of_answer(grade, question).startswith(wish.answer):
        return Refused(wish, "the answer is no longer the one that was marked", stale=True)
    if wish.most not in (None, question.max_score):
        return Refused(
            wish, f"the maximum is {question.max_score:g} now, no longer {wish.most:g}", stale=True
        )
    if wish.points is not None and not 0 <= wish.points <= question.max_score:
        return Refused(wish, f"{wish.points:g} is not between 0 and the maximum, {question.max_score:g}")
    return slot_of(grade, question)

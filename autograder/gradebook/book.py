"""The gradebook: a results folder, and the only way to change what is in it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Any

from pydantic import ValidationError

from autograder.files import PART, write_all_or_nothing
from autograder.grade import Grade, Student
from autograder.gradebook.gradescope import results
from autograder.gradebook.lock import locked
from autograder.gradebook.names import FEEDBACK, GRADE, HISTORY, RESULTS, TABLE
from autograder.gradebook.reading import Results, graded_names, read_results
from autograder.gradebook.table import grades_csv

SHARE = 20
"""The table of all is written again when grading has taken so many times as long as writing it did."""
Marks = Mapping[str, Mapping[str, tuple[float, str]]]
"""Points and comments that people gave, by submission and question."""


class Gradebook:
    """A results folder. A context manager: entered, it holds the folder's lock, and may change it.

    Reading (`grade`, `read`) needs no lock, since every file is there whole. What changes the folder does,
    pages too: one that is written while a run replaces the grade behind it would show a grade that is gone.
    So a command holds the lock from reading the grades to writing what is made of them.

    Marks, the points that people give, come in by `give`, and `put` keeps them, whatever a run's results are.
    Only these two, `grade` and `read` know where marks are kept, which is in grade.json itself.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: TextIOWrapper | None = None
        self._due = 0.0

    @classmethod
    def existing(cls, folder: Path) -> Gradebook:
        """The gradebook of a folder that holds grades. UsageError when it does not; nothing is made there."""
        graded_names(folder)
        return cls(folder)

    def __enter__(self) -> Gradebook:
        self._lock = locked(self.folder)
        for place in ("", "*/", f"*/{HISTORY}/"):
            for left in self.folder.glob(f"{place}{PART}*"):
                left.unlink(missing_ok=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    # ---- reading -----------------------------------------------------------------------------------

    def grade(self, name: str) -> Grade | None:
        """The grade that is there now, if it is whole and this submission's."""
        try:
            grade = Grade.model_validate_json((self.folder / name / GRADE).read_bytes())
        except (OSError, ValidationError):
            return None
        return grade if grade.submission == name else None

    def read(self) -> Results:
        """Everything that is there. UsageError when there is no grade."""
        return read_results(self.folder)

    # ---- writing -----------------------------------------------------------------------------------

    def put(self, name: str, grade: Grade) -> Grade:
        """Write a run's grade of a submission, and return it as written: with the marks of the same answers.

        The marks are read here and now, so that those given since the run began are not lost.
        """
        earlier = self.grade(name)
        if earlier is not None:
            grade = grade.with_points_of(earlier)
        self._write(self._files(name, earlier, grade))
        return grade

    def give(self, marks: Marks, questions: Sequence[str]) -> Results:
        """Put people's marks into the grades and the table of all, all or nothing; everything there is then.

        `questions` are the table's columns. ValueError where points do not fit, KeyError where a submission
        has no grade, UsageError where a file cannot be written.
        """
        before = self.read()
        grades = {**before.grades, **{n: before.grades[n].with_points(given) for n, given in marks.items()}}
        files: dict[Path, str] = {}
        for name in marks:
            files |= self._files(name, before.grades[name], grades[name])
        if marks:
            rows: list[tuple[str, Grade | str]] = [*grades.items(), *before.unreadable.items()]
            rows += before.broken.items()
            files[self.folder / TABLE] = grades_csv(rows, questions, before.students)
        self._write(files)
        return Results(self.folder, grades, before.unreadable, before.broken, before.students)

    def drop(self, name: str) -> None:
        """Where there is no grade now, none of an earlier run may stay; it goes into history/."""
        if (earlier := self.grade(name)) is not None:
            self._write(self._remembered(name, earlier))
        self._remove(name, GRADE, RESULTS, FEEDBACK)

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
            self._write({self.folder / TABLE: grades_csv(rows, questions, students)})
            now = time.monotonic()
            self._due = now + SHARE * (now - started)

    def write_pages(self, pages: Mapping[str, str]) -> None:
        """Write pages and tables about the grades, by their paths in the folder; all or nothing."""
        self._write({self.folder / path: text for path, text in pages.items()})

    def remove_page(self, name: str) -> None:
        """Remove a student's page about a grade that is no more."""
        if Path(name).name == name != "..":  # it was read from a table, and leads nowhere else
            self._remove(name, FEEDBACK)

    def _files(self, name: str, earlier: Grade | None, grade: Grade) -> dict[Path, str]:
        """A grade's files, grade.json last; an earlier grade that was another goes into history/."""
        another = earlier is not None and timeless(earlier) != timeless(grade)
        files = self._remembered(name, earlier) if earlier is not None and another else {}
        files[self.folder / name / RESULTS] = results(grade)
        files[self.folder / name / GRADE] = grade.to_json()
        return files

    def _remembered(self, name: str, earlier: Grade) -> dict[Path, str]:
        """An earlier grade as the next file in history/."""
        folder = self.folder / name / HISTORY
        numbers = [int(path.stem) for path in folder.glob("*.json") if path.stem.isdecimal()]
        return {folder / f"{max(numbers, default=0) + 1}.json": earlier.to_json()}

    def _write(self, files: Mapping[Path, str]) -> None:
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


def timeless(grade: Grade) -> dict[str, Any]:
    """A grade without what the clock says, to be compared."""
    data = grade.model_dump(mode="json", exclude={"seconds"})
    for question in data["questions"]:
        for check in question["checks"]:
            del check["seconds"]
    return data


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False

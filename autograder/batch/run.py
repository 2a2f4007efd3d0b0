"""Grades many submissions over some lanes; each grade is written before it is reported."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.batch.carrying import Carrying, unaccounted
from autograder.batch.items import Item
from autograder.batch.jobs import Answer, fault
from autograder.batch.lanes import Here, Lane
from autograder.batch.merging import merged, needed, stands
from autograder.batch.outlines import Outlines
from autograder.errors import ConvlabError, GraderError
from autograder.grade import Fault, Grade, Student
from autograder.gradebook import Gradebook, HandedIn, Ungraded, marker
from autograder.grading import Grader
from autograder.lab import Lab
from autograder.report.people import Key, absent_lines, people
from autograder.submission import Submission, SubmissionError, Tell, decoded_pictures, silent
from autograder.text import cut

Row = tuple[str, Grade | str]
"""A submission's id, and its grade or why there is none; a `Fault` where that is no student's fault."""
MAX_REASON = 2_000
"""Characters of the reason why there is no grade."""
DEATHS = 2
"""A submission at which so many workers have died is not tried again."""


@dataclass(frozen=True)
class Done:
    """How one submission went. `kept`: it was graded before, and nothing has changed since.

    `stands`: the earlier grade is of the same work, and stays where a later run produced none. `work` is what
    was handed in, where it could be read.
    """

    item: Item
    result: Grade | str
    earlier: Grade | None = None
    kept: bool = False
    stands: bool = False
    work: Submission | None = field(default=None, repr=False)


@dataclass
class _Task:
    item: Item
    submission: Submission
    questions: Collection[str]
    earlier: Grade | None
    stands: bool
    deaths: int = 0


def grade_all(
    items: Sequence[Item],
    grader: Grader,
    out: Path,
    ready: Sequence[Lane] | None = None,
    again: bool = False,
    tell: Tell = silent,
) -> Iterator[Done]:
    """Grade submissions and write their files and the table of all so far under `out`.

    Without lanes that are `ready`, in this process, by a grader that is entered. What is there already by
    the digest it would get now is kept, unless `again`. One that cannot be read becomes a row with the
    reason. Of a hand-in that had another id in an earlier run, results and marks go along; `tell` is given
    that, and who has marks but was not among these. UsageError when `out` cannot be written.
    """
    with Gradebook(out, grader.lab) as book:
        items = Carrying(book, items, grader.lab, marker(), tell).carry()
        absent, strangers = unaccounted(book, items)
        for line in absent_lines(absent if len(items) > 1 else [], strangers, "in this download"):
            tell(line)
        if len(items) > 1:  # a single submission is no download of the class
            book.note_absent(absent)
        table = Table(book, grader.lab)
        try:
            for found in BatchRun(items, grader, ready or [Here(grader)], book, again).results():
                done = save(book, found)
                table.take(done)
                table.write()
                yield done
        finally:
            for name in table.superseded(items):
                book.forget(name)
            table.write(last=True)


class Table:
    """The rows of the whole class: what earlier runs knew of it, and above that what this run came to."""

    def __init__(self, book: Gradebook, lab: Lab) -> None:
        self._book = book
        self._questions = [question.id for question in lab.questions]
        self._outlines = Outlines()
        self._rows: dict[str, Grade | str] = {}
        self._students: dict[str, Student] = {}
        self._graded: set[Key] = set()
        for row in book.everyone():
            self._take(row.name, row.grade, row.student)

    def take(self, done: Done) -> None:
        """Take in what a submission came to."""
        earlier = done.earlier if done.stands and isinstance(done.result, Fault) else None
        self._take(done.item.id, earlier or done.result, done.item.student)
        if isinstance(done.result, Grade):
            self._graded.update(*people(done.item.id, done.item.student))

    def _take(self, name: str, result: Grade | str, student: Student | None) -> None:
        self._rows[name] = self._outlines.of(result)
        self._students.pop(name, None)
        if student is not None:
            self._students[name] = student

    def superseded(self, items: Sequence[Item]) -> list[str]:
        """Rows of earlier runs without a grade, of people whom this run graded by another hand-in."""
        here = {item.id for item in items}
        found = [
            name
            for name, result in self._rows.items()
            if isinstance(result, str)
            and name not in here
            and not any(self._graded.isdisjoint(one) for one in people(name, self._students.get(name)))
        ]
        for name in found:
            del self._rows[name]
        return found

    def write(self, last: bool = False) -> None:
        """Write it: now and then, and at the end."""
        self._book.table(list(self._rows.items()), self._questions, self._students, last)


def save(book: Gradebook, done: Done) -> Done:
    """Write what one submission came to; what is there then. What no file can hold is that row's fault."""
    if isinstance(done.result, Grade):
        try:
            written = book.put(done.item.id, done.result, _kept(done.item, done.work))
            return replace(done, result=written, work=None)
        except ConvlabError:
            raise
        except Exception as error:
            return replace(done, result=_unforeseen(error))
    if isinstance(done.result, str) and not (done.stands and isinstance(done.result, Fault)):
        book.drop(done.item.id, ungraded(done.item, done.result))
    return done


def ungraded(item: Item, why: str) -> Ungraded:
    """The record of a submission that has no grade."""
    place = item.handed.place if item.handed is not None else ""
    return Ungraded(why=why, student=item.student, place=place)


def _kept(item: Item, work: Submission | None) -> HandedIn | None:
    """What people who mark see of the work, beside its grade."""
    if work is None:
        return None
    place = item.handed.place if item.handed is not None else ""
    return HandedIn(work.digest, work.sources, work.problems, decoded_pictures(work.pictures), place)


def _unforeseen(error: Exception) -> Fault:
    """Why one submission has no grade, where something happened to it that was not foreseen."""
    return fault(GraderError(cut(f"{type(error).__name__}: {error}", MAX_REASON)))


class Skipped(str):
    """Why a submission was passed over, when there are grades already and only some questions are run."""


class BatchRun:
    """One pass over some submissions. With `again`, the selected questions are run whatever is known.

    With `graded_before`, submissions are passed over that have no grade of the same work.
    """

    def __init__(
        self,
        items: Sequence[Item],
        grader: Grader,
        lanes: Sequence[Lane],
        book: Gradebook,
        again: bool = False,
        graded_before: bool = False,
    ) -> None:
        self._waiting = deque(items)
        self._grader = grader
        self._free = list(lanes)
        self._book = book
        self._again = again
        self._graded_before = graded_before
        self._running: dict[Future[Answer], tuple[Lane, _Task]] = {}

    def results(self) -> Iterator[Done]:
        """What becomes of each submission, as it comes. ConvlabError when a grader cannot be started."""
        retries: deque[_Task] = deque()
        while self._waiting or self._running or retries:
            yield from self._fill(retries)
            if not self._running:
                continue
            for future in wait(self._running, return_when=FIRST_COMPLETED).done:
                lane, task = self._running.pop(future)
                done = self._collected(future, lane, task)
                self._free.append(lane)
                if done is None:
                    retries.append(task)
                else:
                    yield done

    def _fill(self, retries: deque[_Task]) -> Iterator[Done]:
        """Give every free lane a task; what needs none is reported at once."""
        while (self._waiting or retries) and self._free:
            task = retries.popleft() if retries else self._next(self._waiting.popleft())
            if isinstance(task, Done):
                yield task
                continue
            lane = self._free.pop(0)
            self._running[lane.submit(task.submission, task.questions)] = (lane, task)

    def _next(self, item: Item) -> _Task | Done:
        """What there is to do for one submission. An unforeseen fault costs that submission only."""
        try:
            return self._planned(item)
        except ConvlabError:
            raise
        except Exception as error:
            return Done(item, _unforeseen(error))

    def _planned(self, item: Item) -> _Task | Done:
        try:
            submission = item.open(self._grader.lab)
        except SubmissionError as error:
            return Done(item, cut(str(error), MAX_REASON), self._book.grade(item.id))
        earlier = self._book.grade(item.id)
        if self._graded_before and not stands(earlier, submission):
            why = "handed in again since it was graded" if earlier else "not graded yet"
            return Done(item, Skipped(f"{why}; `convlab grade` does that"), earlier)
        missing = needed(earlier, submission, self._grader)
        if missing is None or self._again:
            missing = self._grader.selection
        elif not missing and earlier is not None:
            told = {"student": item.student, "code": submission.code, "notes": submission.notes}
            kept = earlier.model_copy(update=told)
            return Done(item, kept, earlier, kept=True, work=self._worth_keeping(submission))
        return _Task(item, submission, missing, earlier, stands(earlier, submission))

    def _worth_keeping(self, work: Submission) -> Submission | None:
        """Work to be written beside its grade; where it was graded before, that has been done."""
        return None if self._graded_before else work

    def _collected(self, future: Future[Answer], lane: Lane, task: _Task) -> Done | None:
        """What a task came to; None when its worker died and it is worth another try."""
        try:
            answer = future.result()
        except BrokenExecutor:
            lane.restart()
            task.deaths += 1
            if task.deaths < DEATHS:
                return None
            answer = fault(GraderError(f"its worker process died {DEATHS} times (out of memory?)"))
        except ConvlabError:
            raise
        except Exception as error:
            answer = _unforeseen(error)
        if not isinstance(answer, Fault):
            try:
                grade = merged(task.earlier, answer, task.questions, self._grader.lab)
                grade = grade.model_copy(update={"submission": task.item.id, "student": task.item.student})
                return Done(
                    task.item,
                    self._book.with_marks(grade),
                    task.earlier,
                    work=self._worth_keeping(task.submission),
                )
            except Exception as error:
                answer = _unforeseen(error)
        return Done(task.item, answer, task.earlier, stands=task.stands)

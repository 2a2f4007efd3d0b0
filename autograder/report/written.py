"""Written answers: collected for people to grade, and their points taken back."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import UsageError
from autograder.grade import Grade, QuestionResult, Verdict
from autograder.gradebook import Mark, Results, Wish, digest_of_text, slot_of
from autograder.gradebook.marks import Ledger
from autograder.gradebook.table import cell
from autograder.lab import Lab, Question
from autograder.lab.rubric import rubrics
from autograder.report.html import page
from autograder.report.left import placeholders, unread
from autograder.report.people import composed
from autograder.tables import CsvRow, CsvTable, csv_text, read_table, short, unmarked
from autograder.text import clean, one_line, points

COLUMNS = ("submission", "question", "points", "comment")
NEEDED = COLUMNS[:3]
ANSWER, MARK = "answer", "mark"
"""Columns that say which answer, and which mark of it, were there when the table was written."""
SHORT = 16
"""So much of a digest or an id is in a table, behind a letter: no spreadsheet takes it for a number."""


@dataclass(frozen=True)
class Answers:
    """The answers to one written question, who gave none, and of whom none could be read, with the reason."""

    question: Question
    rubric: str
    answers: list[tuple[str, QuestionResult]]
    without: list[tuple[str, QuestionResult]]
    unread: list[tuple[str, str]] = field(default_factory=list)

    @property
    def empty(self) -> list[str]:
        """Who gave no answer, of those whose notebooks could be read."""
        damaged = {name for name, _ in self.unread}
        return [name for name, _ in self.without if name not in damaged]


def collect(results: Results, lab: Lab) -> list[Answers]:
    """The written questions with everybody's answers."""
    of_questions = rubrics(lab)
    blank = placeholders(lab)
    collected = []
    for question in lab.questions:
        if question.written:
            found = list(_results(results, question.id))
            nothing = ("", blank.get(question.id, ""))
            answers = [(name, result) for name, result in found if result.answer.strip() not in nothing]
            without = [(name, result) for name, result in found if result.answer.strip() in nothing]
            damaged = [
                (name, why)
                for name, result in without
                if not result.answer.strip() and (why := unread(results.grades[name]))
            ]
            rubric = of_questions.get(question.id, "")
            collected.append(Answers(question, rubric, answers, without, damaged))
    return collected


def _results(results: Results, question_id: str) -> Iterator[tuple[str, QuestionResult]]:
    for name, grade in sorted(results.grades.items()):
        for question in grade.questions:
            if question.id == question_id and question.written:
                yield name, question


def answers_page(collected: Sequence[Answers], lab: Lab) -> str:
    """All answers on one page with the rubric, for the people who grade them."""
    return page("written.html.jinja", title=lab.title, collected=collected)


def answers_csv(collected: Sequence[Answers]) -> str:
    """The table to fill in: a row per answer, with the points and comments that are there already."""
    rows: list[Sequence[str]] = [(*COLUMNS, ANSWER, MARK)]
    for part in collected:
        for name, result in sorted([*part.answers, *part.without], key=lambda row: row[0]):
            graded = result.verdict is Verdict.GRADED
            given = [points(result.score), result.comment] if graded else ["", ""]
            mark = f"m{result.marked.id[:SHORT]}" if result.marked is not None else ""
            answer = f"a{digest_of_text(result.answer)[:SHORT]}"
            rows.append([short(name), part.question.id, *given, answer, mark])
    return csv_text(rows)


def would_lose(path: Path, text: str) -> bool:
    """Whether a table holds points or comments that the text to be written in its place has not."""
    try:
        there = {tuple(row.cells.get(name, "").strip() for name in COLUMNS) for row in _table(path).rows}
    except UsageError:
        return True
    new = {tuple(part.strip() for part in row[: len(COLUMNS)]) for row in csv.reader(io.StringIO(text))}
    return any(row not in new for row in there if row[2] or row[3])


@dataclass(frozen=True)
class Change:
    """What one row of a table would change: the mark it asks for, and the one that it would replace."""

    line: int
    wish: Wish
    before: Mark | None

    def told(self) -> str:
        """The change in one line."""
        wish = self.wish
        step = f"{_points_of(self.before)} -> {points(wish.points or 0)}"
        given = f"{one_line(wish.submission)} {wish.question}: {step}"
        if self.before is not None and self.before.points == wish.points:
            given += ", another comment"
        return given + (f" (before by {self.before.who or 'unknown'})" if self.before is not None else "")


def _points_of(mark: Mark | None) -> str:
    return "-" if mark is None or mark.points is None else points(mark.points)


@dataclass
class Plan:
    """What applying a table would do: changes, rows that change nothing, and rows that cannot be applied."""

    path: Path
    changes: list[Change] = field(default_factory=list)
    same: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)

    def over(self, who: str) -> list[Change]:
        """The changes that would replace another person's mark."""
        return [it for it in self.changes if it.before is not None and it.before.who not in ("", who)]

    def told(self) -> list[str]:
        """Each row that cannot be applied, in one line, in the table's order."""
        return [
            f"{self.path}, line {line}{', ' if why.startswith('column ') else ': '}{why}"
            for line, why in sorted(self.faults)
        ]


def read_points(path: Path, results: Results, lab: Lab, ledger: Ledger) -> Plan:
    """What a filled-in table would change. UsageError when the table as a whole cannot be read.

    Args:
        path: the table.
        results: the grades as they are.
        lab: what was asked.
        ledger: every mark that was given.
    """
    try:
        table = _table(path)
    except UsageError as error:
        raise UsageError(f"{error}. Nothing was applied.") from None
    plan = Plan(path, faults=[(line, why) for line, why in table.faults])
    reader = _Reader(plan, lab, results, ledger, _Names(results, table))
    for row in table.rows:
        reader.row(row)
    return plan


class _Wrong(Exception):
    """A row that cannot be applied; the text begins with the column."""


@dataclass
class _Reader:
    """Reads a filled-in table row by row. What is wrong with a row costs that row only."""

    plan: Plan
    lab: Lab
    results: Results
    ledger: Ledger
    names: _Names
    seen: dict[tuple[str, str], int] = field(default_factory=dict)

    def row(self, row: CsvRow) -> None:
        """Take in one row."""
        try:
            self._take(row)
        except _Wrong as error:
            self.plan.faults.append((row.line, str(error)))

    def _take(self, row: CsvRow) -> None:
        cells = row.cells
        name = self.names.submission(cells)
        if name in self.results.broken:
            raise _Wrong(f"column submission: {self.results.broken[name]}")
        grade = self.results.grades[name]
        question = self._question(cells["question"].strip(), grade)
        if (first := self.seen.setdefault((name, question.id), row.line)) != row.line:
            self._forget(name, question.id, first)
            raise _Wrong(
                f"column question: {question.id} of {name} is in line {first} too; neither was applied"
            )
        score = _points(cells, question)
        if score is not None:
            self._wish(row, grade, question, score)

    def _forget(self, name: str, question: str, first: int) -> None:
        """Of two rows for one answer none counts: which one was meant is not ours to guess."""
        kept = [it for it in self.plan.changes if it.line != first]
        if len(kept) != len(self.plan.changes):
            self.plan.changes[:] = kept
            told = f"column question: {question} of {name} is in this table twice; neither was applied"
            self.plan.faults.append((first, told))

    def _question(self, text: str, grade: Grade) -> QuestionResult:
        written = [question.id for question in self.lab.questions if question.written]
        if text not in written:
            told = f"{one_line(text)!r} is not a written question; choose from {', '.join(written)}"
            raise _Wrong(f"column question: {told}")
        for question in grade.questions:
            if question.id == text and question.written:
                return question
        raise _Wrong(f"column question: the grade of {grade.submission} has no written question {text}")

    def _wish(self, row: CsvRow, grade: Grade, question: QuestionResult, score: float) -> None:
        """Plan what a row with points changes, if answer and mark are those that the table was for."""
        answer, mark = _code(row.cells.get(ANSWER, "")), _code(row.cells.get(MARK, ""))
        slot = slot_of(grade, question)
        heads = self.ledger.heads(slot)
        before = self.ledger.head(slot)
        comment = unmarked(clean(row.cells.get("comment", "")).strip())
        self._same_answer(answer, grade, question)
        if before is not None and (before.points, before.comment) == (score, comment):
            self.plan.same += 1
            return
        started = next((it for it in self.ledger.marks if mark and it.id.startswith(mark)), None)
        if started is not None and (started.points, started.comment) == (score, comment):
            self.plan.same += 1  # nobody filled this in: it is what was there when the table was written
            return
        if ANSWER in row.cells and MARK in row.cells and before is not None and before is not started:
            raise _Wrong(f"column mark: it was marked after this table was written ({before.told})")
        seen = frozenset(it.id for it in heads)
        items = before.items if before is not None and before.points == score else ()
        wish = Wish(
            grade.submission, question.id, score, comment, items, digest_of_text(question.answer), seen=seen
        )
        self.plan.changes.append(Change(row.line, wish, before))

    def _same_answer(self, answer: str, grade: Grade, question: QuestionResult) -> None:
        """_Wrong unless the row is for the answer that is there now, as far as can be known."""
        there = digest_of_text(question.answer)
        collect_again = "`convlab written collect` writes a table for the answers as they are now"
        if answer and not there.startswith(answer):
            raise _Wrong(f"column answer: the answer is no longer the one that was marked; {collect_again}")
        others = [mark for mark in self.ledger.of(grade.submission, question.id) if mark.answer != there]
        if not answer and others:
            told = (
                "another answer of this submission was marked, and the table does not say which one it is for"
            )
            raise _Wrong(f"column answer: {told}; {collect_again}")


class _Names:
    """The submissions that a table's first column names, whatever a spreadsheet did to their names."""

    def __init__(self, results: Results, table: CsvTable) -> None:
        self._results = results
        names = (*results.grades, *results.broken)
        self._exact = {composed(cell(name)): name for name in names}
        self._bare: dict[str, list[str]] = {}
        for name in names:
            self._bare.setdefault(_without_zeros(name), []).append(name)
        texts = [row.cells["submission"].strip() for row in table.rows]
        self._zeros_kept = any(
            _without_zeros(text) != text and composed(text) in self._exact for text in texts
        )

    def submission(self, cells: Mapping[str, str]) -> str:
        """The submission that a row names. _Wrong where none has that name, or several can be meant."""
        text = cells["submission"]
        exact = self._exact.get(composed(text)) or self._exact.get(composed(cell(unmarked(text.strip()))))
        alike = self._bare.get(_without_zeros(text.strip()), [])
        if exact is not None and (len(alike) < 2 or self._zeros_kept):
            return exact
        fitting = [name for name in alike if self._fits(name, cells)]
        if len(alike) == 1 or len(fitting) == 1:
            return (alike if len(alike) == 1 else fitting)[0]
        if alike:
            told = (
                f"{one_line(text)!r} can be {', '.join(sorted(alike))}: a spreadsheet removed leading zeros"
            )
            raise _Wrong(f"column submission: {told}; format the column as text")
        if name := self._aside(text):
            raise _Wrong(f"column submission: {name} does not count ({self._results.aside[name].aside})")
        told = f"no submission {one_line(text)!r} has a grade"
        if re.fullmatch(r"\s*[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+\s*", text):
            told += "; a spreadsheet made a number of its name: format the column as text"
        raise _Wrong(f"column submission: {told}")

    def _fits(self, name: str, cells: Mapping[str, str]) -> bool:
        """Whether a row's digest is that of this submission's answer, and so tells it apart."""
        answer = _code(cells.get(ANSWER, ""))
        grade = self._results.grades.get(name)
        found = [q for q in grade.questions if q.id == cells["question"].strip()] if grade is not None else []
        return bool(answer) and any(digest_of_text(q.answer).startswith(answer) for q in found)

    def _aside(self, text: str) -> str | None:
        return next((name for name in self._results.aside if composed(cell(name)) == composed(text)), None)


def _without_zeros(name: str) -> str:
    """A name that is a number as a spreadsheet shows it; any other is itself."""
    return (name.lstrip("0") or "0") if name.isascii() and name.isdecimal() else name


def _code(text: str) -> str:
    """A digest or an id as a table has it, without its letter; "" for none. Anything else fits nothing."""
    text = unmarked(text.strip()).casefold()
    return text[1:] if re.fullmatch(r"[am][0-9a-f]{8,64}", text) else ("?" if text else "")


def _points(cells: Mapping[str, str], question: QuestionResult) -> float | None:
    """The points of a row; None where it has none. _Wrong where they are no number, or do not fit."""
    text = cells["points"].strip()
    if not text:
        if cells.get("comment", "").strip():
            raise _Wrong("column points: empty, but there is a comment; give points too, at least 0")
        return None
    score = number(text)
    if score is None:
        raise _Wrong(f"column points: {one_line(text)!r} is not a number")
    if not 0 <= score <= question.max_score:
        most = f"{question.id} has {points(question.max_score)} points"
        raise _Wrong(f"column points: {points(score)} is not between 0 and the maximum; {most}")
    return score


def number(text: str) -> float | None:
    """A number as people and spreadsheets write it: `1.5`, `1,5`, `1.`, `.5`, `1 ½`; None for others."""
    plain = unicodedata.normalize("NFKC", unmarked(text)).replace("\N{MINUS SIGN}", "-")
    slashed = re.fullmatch(
        r"\s*([+-]?)\s*([0-9]{0,6})\s*([0-9]{1,2})\N{FRACTION SLASH}([0-9]{1,2})\s*", _apart(text)
    )
    if slashed and int(slashed[4]):
        whole = int(slashed[2] or 0) + int(slashed[3]) / int(slashed[4])
        return -whole if slashed[1] == "-" else whole
    if re.fullmatch(r"\s*[+-]?([0-9]{1,6}([.,][0-9]{0,6})?|[.,][0-9]{1,6})\s*", plain):
        return float(plain.strip().replace(",", "."))
    return None


def _apart(text: str) -> str:
    """Text in plain characters, a fraction such as `½` set apart from what precedes it."""
    apart = "".join(f" {c}" if "\N{FRACTION SLASH}" in unicodedata.normalize("NFKC", c) else c for c in text)
    return unicodedata.normalize("NFKC", apart).replace("\N{MINUS SIGN}", "-")


def _table(path: Path) -> CsvTable:
    """A filled-in table. UsageError when it cannot be read, or lacks a column."""
    table = read_table(path, COLUMNS, row_by_row=True, is_header={*NEEDED}.issubset)
    if missing := [name for name in NEEDED if name not in table.columns]:
        told = f"the first line must name the columns {', '.join(NEEDED)}, and may name comment"
        raise UsageError(f"{path}, line {table.line}: {told}; missing: {', '.join(missing)}")
    return table

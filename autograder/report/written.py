"""Written answers: collected for people to grade, and their points taken back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import UsageError
from autograder.grade import QuestionResult, Verdict
from autograder.gradebook import Results
from autograder.gradebook.table import cell
from autograder.lab import Lab, Question
from autograder.lab.facts import rubrics
from autograder.report.html import page
from autograder.submission import SubmissionError, open_submission
from autograder.tables import CsvRow, csv_text, read_table, short, unmarked
from autograder.text import clean, one_line, points

COLUMNS = ("submission", "question", "points", "comment")
MAX_ERRORS = 20
Given = dict[str, dict[str, tuple[float, str]]]
"""Points and comments by submission and question."""


@dataclass(frozen=True)
class Answers:
    """The answers to one written question, and who gave none."""

    question: Question
    rubric: str
    answers: list[tuple[str, QuestionResult]]
    without: list[tuple[str, QuestionResult]]


def collect(results: Results, lab: Lab) -> list[Answers]:
    """The written questions with everybody's answers."""
    of_questions = rubrics(lab)
    blank = _placeholders(lab)
    collected = []
    for question in lab.questions:
        if question.written:
            found = list(_results(results, question.id))
            nothing = ("", blank.get(question.id, ""))
            answers = [(name, result) for name, result in found if result.answer.strip() not in nothing]
            without = [(name, result) for name, result in found if result.answer.strip() in nothing]
            collected.append(Answers(question, of_questions.get(question.id, ""), answers, without))
    return collected


def _placeholders(lab: Lab) -> dict[str, str]:
    """What is in the answer cells that students get."""
    try:
        given = open_submission(lab.student, lab)
    except SubmissionError:
        return {}
    return {name: text.strip() for name, text in given.answers.items()}


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
    rows: list[Sequence[str]] = [COLUMNS]
    for part in collected:
        for name, result in sorted([*part.answers, *part.without], key=lambda row: row[0]):
            graded = result.verdict is Verdict.GRADED
            given = [points(result.score), result.comment] if graded else ["", ""]
            rows.append([short(name), part.question.id, *given])
    return csv_text(rows)


def would_lose(path: Path, text: str) -> bool:
    """Whether a table holds points or comments that the text to be written in its place has not."""
    try:
        there = {tuple(row.cells[name].strip() for name in COLUMNS) for row in _rows(path)}
    except UsageError:
        return True
    new = {tuple(part.strip() for part in row) for row in csv.reader(io.StringIO(text))}
    return any(row not in new for row in there if row[2] or row[3])


@dataclass
class _Reader:
    """Reads a filled-in table and notes what is wrong with it, by line and column."""

    path: Path
    results: Results
    lab: Lab
    given: Given = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    seen: dict[tuple[str, str], int] = field(default_factory=dict)

    def wrong(self, line: int, column: str, why: str) -> None:
        """Note an error."""
        self.errors.append(f"{self.path}, line {line}, column {column}: {why}")

    def row(self, line: int, row: Mapping[str, str]) -> None:
        """Take in one row."""
        before = len(self.errors)
        name = self._submission(line, row["submission"])
        question = self._question(line, row["question"].strip(), name)
        if name is None or question is None:
            return
        if (first := self.seen.setdefault((name, question.id), line)) != line:
            self.wrong(line, "question", f"{question.id} of {name} is in line {first} already")
        score = self._points(line, row, question)
        if score is not None and len(self.errors) == before:
            self.given.setdefault(name, {})[question.id] = (score, unmarked(clean(row["comment"]).strip()))

    def _submission(self, line: int, text: str) -> str | None:
        names = {cell(name): name for name in (*self.results.grades, *self.results.broken)}
        name = names.get(text) or names.get(cell(unmarked(text.strip())))
        if name is None:
            self.wrong(line, "submission", f"no submission {one_line(text)!r} has a grade")
        elif name in self.results.broken:
            self.wrong(line, "submission", self.results.broken[name])
            return None
        return name

    def _question(self, line: int, text: str, name: str | None) -> Question | None:
        written = {question.id: question for question in self.lab.questions if question.written}
        if text not in written:
            why = f"{one_line(text)!r} is not a written question; choose from {', '.join(written)}"
            self.wrong(line, "question", why)
            return None
        if name and not any(q.id == text and q.written for q in self.results.grades[name].questions):
            self.wrong(line, "question", f"the grade of {name} has no written question {text}")
            return None
        return written[text]

    def _points(self, line: int, row: Mapping[str, str], question: Question) -> float | None:
        text = row["points"].strip()
        if not text:
            if row["comment"].strip():
                self.wrong(line, "points", "empty, but there is a comment; give points too, at least 0")
            return None
        if not re.fullmatch(r"-?[0-9]{1,6}([.,][0-9]{1,6})?", text):
            self.wrong(line, "points", f"{one_line(text)!r} is not a number")
            return None
        score = float(text.replace(",", "."))
        if not 0 <= score <= question.points:
            most = f"{question.id} has {points(question.points)} points"
            self.wrong(line, "points", f"{points(score)} is not between 0 and the maximum; {most}")
        return score


def read_points(path: Path, results: Results, lab: Lab) -> Given:
    """The points and comments of a filled-in table. UsageError names every line that is wrong."""
    reader = _Reader(path, results, lab)
    try:
        for row in _rows(path):
            reader.row(row.line, row.cells)
    except UsageError as error:
        raise UsageError(f"{error}. Nothing was applied.") from None
    if reader.errors:
        more = len(reader.errors) - MAX_ERRORS
        last = [f"and {more} more"] if more > 0 else []
        raise UsageError("\n".join([*reader.errors[:MAX_ERRORS], *last, "Nothing was applied."]))
    return reader.given


def _rows(path: Path) -> Sequence[CsvRow]:
    """The rows of a filled-in table. UsageError when it cannot be read, or lacks a column."""
    table = read_table(path, COLUMNS)
    if missing := [name for name in COLUMNS if name not in table.columns]:
        told = f"the first line must name the columns {', '.join(COLUMNS)}"
        raise UsageError(f"{path}, line {table.line}: {told}; missing: {', '.join(missing)}")
    return table.rows

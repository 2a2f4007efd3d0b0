"""`convlab show`: the submissions for which something is so, on the terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from autograder.errors import UsageError
from autograder.grade import Grade, QuestionResult, Verdict
from autograder.gradebook import Gradebook, Results
from autograder.lab import load_lab
from autograder.report.people import called
from autograder.report.terminal import new_console
from autograder.text import cut, one_line, points, printable

TERM = re.compile(r"(?P<what>[\w.]+)\s+(?P<how>is not|is|contains)\s+(?P<value>.+)|"
                  r"(?P<number>[\w.]+)\s*(?P<sign><=|>=|!=|<|>|=)\s*(?P<bound>-?[\d.]+)")  # fmt: skip
SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
TEXTS = ("name", "id", "note", "mistake", "message")
MAX_WHY = 160


@dataclass(frozen=True)
class Listed:
    """A submission with its grade, or why it has none."""

    name: str
    who: str
    own: str
    grade: Grade | None
    problem: str = ""


Test = Callable[[Listed], bool]


def tests(where: str, questions: Sequence[str]) -> list[tuple[Test, str]]:
    """What a condition asks for, each with the question it is about or "". UsageError where it is none."""
    return [_test(term.strip(), questions) for term in re.split(r"\s+and\s+", where.strip())]


def _test(term: str, questions: Sequence[str]) -> tuple[Test, str]:
    found = TERM.fullmatch(term)
    what = (found["what"] or found["number"]) if found else ""
    known = (*questions, "score", "grade", *TEXTS)
    if found is None or what not in known:
        raise UsageError(
            f"--where {printable(term)!r}: write `{questions[0]} is timeout`, `score < 40`, "
            f"`grade is missing`, `mistake contains kernel`, joined by `and`; names: {', '.join(known)}"
        )
    if found["sign"]:
        sign, bound = SIGNS[found["sign"]], _number(term, found["bound"])
        return (lambda row: (value := _points(row, what)) is not None and sign(value, bound)), _about(
            what, questions
        )
    value, how = found["value"].strip().strip("\"'").casefold(), found["how"]
    if what in questions and value not in {str(verdict) for verdict in Verdict}:
        raise UsageError(f"--where {printable(term)!r}: a verdict is one of {', '.join(Verdict)}")
    if how == "contains":
        return (lambda row: any(value in text.casefold() for text in _texts(row, what))), _about(
            what, questions
        )
    wanted = how == "is"

    def fits(row: Listed) -> bool:
        texts = _texts(row, what)
        return (bool(texts) or what not in questions) and (value in map(str.casefold, texts)) is wanted

    return fits, _about(what, questions)


def _about(what: str, questions: Sequence[str]) -> str:
    return what if what in questions else ""


def _number(term: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"--where {printable(term)!r}: {text} is no number") from None


def _points(row: Listed, what: str) -> float | None:
    if row.grade is None:
        return None
    if what == "score":
        return row.grade.score
    return next((q.score for q in row.grade.questions if q.id == what), None)


def _texts(row: Listed, what: str) -> list[str]:
    """What a submission has to say to a word."""
    if what == "grade":
        return ["there" if row.grade else "missing"]
    if what in ("name", "id"):
        return [row.who, row.name] if what == "name" else [row.own, row.name]
    if row.grade is None:
        return [row.problem] if what == "message" else []
    if what == "note":
        return list(row.grade.notes)
    checks = [check for question in row.grade.questions for check in question.checks]
    if what == "mistake":
        return [check.misconception for check in checks if check.misconception]
    if what == "message":
        return [check.message for check in checks if check.message]
    return [str(question.verdict) for question in row.grade.questions if question.id == what]


def rows(results: Results) -> Iterator[Listed]:
    """Every submission, those without a grade last."""
    for name, grade in results.grades.items():
        own = grade.student.id if grade.student else ""
        yield Listed(name, called(name, grade.student), own, grade)
    for name, why in {**results.unreadable, **results.broken}.items():
        student = results.students.get(name)
        yield Listed(name, called(name, student), student.id if student else "", None, why)


@click.command()
@click.argument("out", type=click.Path(path_type=Path, file_okay=False), metavar="OUT")
@click.option("--where", default="", metavar="CONDITION", help="For example 'QUESTION is timeout'.")
@click.option("--ids", is_flag=True, help="Print only their ids, one a line.")
def show(out: Path, where: str, ids: bool) -> None:
    """List the submissions for which something is so.

    \b
    convlab show results --where "QUESTION is timeout"
    convlab show results --where "QUESTION < 4 and score > 60"
    convlab show results --where "mistake contains turned"
    convlab show results --where "grade is missing"

    A question is or is not a verdict, or compares its points; name, id, note, mistake and message are or
    contain a text. The exit status is 0, also where there are none, and 2 when the condition cannot be read.
    """
    lab = load_lab()
    questions = [question.id for question in lab.questions]
    asked = tests(where, questions) if where.strip() else []
    results = Gradebook.existing(out, lab).read()
    found = [row for row in rows(results) if all(test(row) for test, _ in asked)]
    if ids:
        for row in found:
            click.echo(row.name)
        return
    about = list(dict.fromkeys(question for _, question in asked if question))
    table = Table("submission", "name", "score", *about, "why")
    for row in found:
        table.add_row(*map(escape, _cells(row, about)))
    console = new_console()
    if found:
        console.print(table)
    total = len(results.grades) + len(results.unreadable) + len(results.broken)
    console.print(f"{len(found)} of {total} submissions", highlight=False)


def _cells(row: Listed, about: Sequence[str]) -> list[str]:
    who = row.who if row.who != row.name else ""
    if row.grade is None:
        return [one_line(row.name), who, "-", *["-"] * len(about), cut(one_line(row.problem), MAX_WHY)]
    asked = [row.grade.question(name) for name in about]
    each = [f"{question.verdict} {points(question.score)}/{points(question.max_score)}" for question in asked]
    why = next((text for question in asked or row.grade.questions if (text := _why(question))), "")
    score = f"{points(row.grade.score)}/{points(row.grade.max_score)}"
    return [one_line(row.name), who, score, *each, cut(one_line(why), MAX_WHY)]


def _why(question: QuestionResult) -> str:
    unhappy = [check for check in question.checks if check.verdict is not Verdict.PASSED and check.message]
    return unhappy[0].message if unhappy else ""

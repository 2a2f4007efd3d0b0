"""Grades on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.grade import CheckResult, Environment, Grade, QuestionResult, Verdict
from autograder.report.text import clean, cut, points

COLOURS = {
    Verdict.PASSED: "green",
    Verdict.UNGRADED: "dim",
    Verdict.NOT_RUN: "dim",
    Verdict.NOT_IMPLEMENTED: "yellow",
}


def print_table(grade: Grade, console: Console, *, verbose: bool = False) -> None:
    """A row per question with its verdict and the first thing that went wrong."""
    table = Table(title=escape(clean(grade.submission)), title_justify="left", expand=False)
    table.add_column("question", no_wrap=True)
    table.add_column("title")
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for question in grade.questions:
        table.add_row(question.id, question.title, _score(question), _coloured(question.verdict))
    table.add_section()
    table.add_row("total", "", f"{points(grade.score)}/{points(grade.max_score)}", "", style="bold")
    console.print(table)
    for question in grade.questions:
        _print_reason(question, console, verbose)
    _print_environment(grade, console)


def _score(question: QuestionResult) -> str:
    if question.verdict is Verdict.UNGRADED:
        return f"(of {points(question.max_score)})"
    return f"{points(question.score)}/{points(question.max_score)}"


def _coloured(verdict: Verdict) -> str:
    colour = COLOURS.get(verdict, "red")
    return f"[{colour}]{verdict}[/{colour}]"


def _print_reason(question: QuestionResult, console: Console, verbose: bool) -> None:
    unhappy = [check for check in question.checks if check.verdict is not Verdict.PASSED]
    if verbose:
        for check in question.checks:
            _print_check(question, check, console)
        if question.output.strip():
            console.print(f"[dim]{question.id} printed:[/dim]")
            console.print(_indented(question.output), markup=False, highlight=False)
    elif unhappy and unhappy[0].message:
        first = " ".join(clean(unhappy[0].message).split())
        rest = f" (and {len(unhappy) - 1} more checks; -v shows all)" if len(unhappy) > 1 else ""
        text = f"{question.id}: {cut(first, 150)}{rest}"
        console.print(text, markup=False, highlight=False, soft_wrap=False)


def _print_check(question: QuestionResult, check: CheckResult, console: Console) -> None:
    head = f"{question.id} {check.name}"
    place = "" if check.visibility == "visible" else " [dim](hidden)[/dim]"
    scored = f"{points(check.score)}/{points(check.max_score)}"
    console.print(f"{head}{place}: {_coloured(check.verdict)} {scored} [dim]{check.seconds:.2f} s[/dim]")
    if text := check.detail or check.message:
        console.print(_indented(text), markup=False, highlight=False)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in clean(text).splitlines())


def _print_environment(grade: Grade, console: Console) -> None:
    for note in grade.notes:
        console.print(f"note: {clean(note)}", markup=False, highlight=False)
    if training := grade.training:
        console.print(
            f"test accuracy {training.accuracy:.3f}, averaged weights {training.averaged_accuracy:.3f} "
            f"({training.threshold:.2f} needed; {training.data} data, {training.device})",
            highlight=False,
        )
    console.print(isolation_line(grade.environment), markup=False, highlight=False, style="dim")


def isolation_line(environment: Environment) -> str:
    """What isolates student code in this run, in one line."""
    missing = ", ".join(f"no {layer}: {why}" for layer, why in environment.missing.items())
    level = f"REDUCED ({missing})" if missing else "full"
    return f"isolation: {level}; on: {', '.join(environment.isolation) or 'nothing'}"


def print_summary(rows: Sequence[tuple[str, Grade | str]], out: Path, console: Console) -> None:
    """A row per submission: its score, or why it could not be read."""
    if len(rows) > 1:
        table = Table(title="all submissions", title_justify="left")
        table.add_column("submission")
        table.add_column("score", justify="right", no_wrap=True)
        table.add_column("not passed")
        for name, grade in rows:
            table.add_row(escape(clean(name)), *_summary_cells(grade))
        console.print(table)
    text = f"results: {out}/<submission>/grade.json and results.json, {out / 'grades.csv'}"
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _summary_cells(grade: Grade | str) -> tuple[str, str]:
    if isinstance(grade, str):
        return "-", f"[red]unreadable[/red] {escape(clean(grade))}"
    fine = (Verdict.PASSED, Verdict.UNGRADED)
    unhappy = [f"{q.id} {_coloured(q.verdict)}" for q in grade.questions if q.verdict not in fine]
    return f"{points(grade.score)}/{points(grade.max_score)}", ", ".join(unhappy)

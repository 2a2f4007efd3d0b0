"""Grades on the terminal."""

from __future__ import annotations

import io
import sys
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.grade import CheckResult, Fault, Grade, QuestionResult, Training, Verdict
from autograder.isolation import summary
from autograder.report.left import to_mark
from autograder.text import clean, cut, measured, one_line, points

COLOURS = {
    Verdict.PASSED: "green",
    Verdict.GRADED: "green",
    Verdict.UNGRADED: "dim",
    Verdict.NOT_RUN: "dim",
    Verdict.NOT_IMPLEMENTED: "yellow",
}
QUIET = (Verdict.PASSED, Verdict.GRADED, Verdict.UNGRADED, Verdict.NOT_RUN)
MAX_REASON, MAX_LINES = 1_000, 16
MOST_MISSING = 10
NARROW = 9
"""Width of a column of question ids: two beside each other."""


def new_console() -> Console:
    """A console on standard output; what its encoding lacks is shown as `?`, and stops nothing."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    return Console()


def print_table(grade: Grade, console: Console, *, verbose: bool = False) -> None:
    """A row per question with its verdict, and below the first thing that went wrong in each."""
    table = Table(title=escape(one_line(grade.submission)), title_justify="left")
    table.add_column("question", no_wrap=True)
    table.add_column("title")
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for question in grade.questions:
        table.add_row(question.id, escape(question.title), _score(question), _coloured(question.verdict))
    for adjustment in grade.adjustments:
        table.add_row(
            "", escape(one_line(f"{adjustment.kind}: {adjustment.reason}")), points(adjustment.points), ""
        )
    table.add_section()
    table.add_row("total", "", f"{points(grade.score)}/{points(grade.max_score)}", "", style="bold")
    console.print(table)
    if verbose:
        for question in grade.questions:
            _print_checks(question, console)
    else:
        _print_reasons(grade, console)
    _print_facts(grade, console)


def _score(question: QuestionResult) -> str:
    if question.verdict is Verdict.UNGRADED:
        return f"(of {points(question.max_score)})"
    return f"{points(question.score)}/{points(question.max_score)}"


def _coloured(verdict: Verdict) -> str:
    colour = COLOURS.get(verdict, "red")
    return f"[{colour}]{verdict}[/{colour}]"


def _print_reasons(grade: Grade, console: Console) -> None:
    """A paragraph per reason for which questions lost points, and one for all that are not written yet."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(max_width=NARROW)
    grid.add_column()
    missing = [q.id for q in grade.questions if q.verdict is Verdict.NOT_IMPLEMENTED]
    for reason, questions in _by_reason(q for q in grade.questions if q.id not in missing).items():
        more = sum(len(_unhappy(question)) for question in questions) - 1
        hint = f" (and {more} more {'check' if more == 1 else 'checks'}; see -v)" if more else ""
        grid.add_row(" ".join(question.id for question in questions), Text(reason + hint))
    if grid.row_count:
        console.print(grid)
    if missing:
        console.print(Text(f"not implemented yet: {', '.join(missing)}"))


def _unhappy(question: QuestionResult) -> list[CheckResult]:
    return [check for check in question.checks if check.verdict not in QUIET]


def _by_reason(questions: Iterable[QuestionResult]) -> dict[str, list[QuestionResult]]:
    """The questions that lost points, together where the reason is one: a module that does not load, say."""
    groups: dict[str, list[QuestionResult]] = {}
    for question in questions:
        if unhappy := _unhappy(question):
            groups.setdefault(_reason(unhappy), []).append(question)
    return groups


def _reason(unhappy: Sequence[CheckResult]) -> str:
    """The worst that befell a question, as the first check says it that met it."""
    worst = max((check.verdict for check in unhappy), key=list(Verdict).index)
    first = next(check for check in unhappy if check.verdict is worst)
    lines = cut(clean(first.message).rstrip(), MAX_REASON).split("\n")
    return "\n".join([*lines[: MAX_LINES - 1], "…"] if len(lines) > MAX_LINES else lines)


def _print_checks(question: QuestionResult, console: Console) -> None:
    for check in question.checks:
        if check.verdict is not Verdict.NOT_RUN:
            _print_check(question, check, console)
    for shortcut in question.shortcuts:
        console.print(Text(f"{question.id} not by hand? {one_line(shortcut)}"))
    if question.comment:
        console.print(f"[dim]{question.id}, comment:[/dim]")
        console.print(_indented(question.comment))
    if question.output.strip():
        console.print(f"[dim]{question.id} printed:[/dim]")
        console.print(_indented(question.output))


def _print_check(question: QuestionResult, check: CheckResult, console: Console) -> None:
    place = "" if check.visibility == "visible" else " [dim](hidden)[/dim]"
    scored = f"{points(check.score)}/{points(check.max_score)}"
    verdict = _coloured(check.verdict)
    line = f"{question.id} {check.name}{place}: {verdict} {scored} [dim]{check.seconds:.2f} s[/dim]"
    console.print(line, highlight=False)
    if text := check.detail or check.message:
        console.print(_indented(text))


def _indented(text: str) -> Padding:
    return Padding(Text(clean(text).rstrip()), (0, 0, 0, 4), expand=False)


def _print_facts(grade: Grade, console: Console) -> None:
    for note in grade.notes:
        console.print(Text(f"note: {one_line(note)}"))
    if grade.training:
        console.print(Text(_trained(grade.training)))


def _trained(training: Training) -> str:
    return (
        f"trained on {training.device}, {training.data} data: test accuracy {measured(training.accuracy)}, "
        f"with averaged weights {measured(training.averaged_accuracy)} ({training.threshold:g} needed)"
    )


def isolation_lines(grades: Iterable[Grade]) -> list[str]:
    """What isolated student code in these runs, a line for each way."""
    found = (grade.environment for grade in grades)
    return list(dict.fromkeys(f"isolation: {summary(run.isolation, run.missing)}" for run in found))


def print_summary(rows: Sequence[tuple[str, Grade | str]], out: Path, console: Console) -> None:
    """A row per submission, if there are several; then how they were isolated and where everything is."""
    grades = [grade for _, grade in rows if isinstance(grade, Grade)]
    left_out = _left_out(grades)
    if len(rows) > 1:
        table = Table(title="all submissions", title_justify="left")
        table.add_column("submission")
        table.add_column("score", justify="right", no_wrap=True)
        table.add_column("not passed")
        for name, grade in rows:
            table.add_row(escape(one_line(name)), *_summary_cells(grade, left_out))
        console.print(table)
        if left_out:
            text = f"not run: {', '.join(left_out)}; their points still count towards the maximum"
            console.print(text, highlight=False)
    for line in isolation_lines(grades):
        console.print(Text(line, style="dim" if line.startswith("isolation: FULL") else "bold red"))
    text = f"results: {out}/<submission>/grade.json and results.json, {out / 'grades.csv'}"
    console.print(Text(text), soft_wrap=True)


def print_end(rows: Sequence[tuple[str, Grade | str]], out: Path, console: Console) -> None:
    """What a run of several came to: counts, the mean, who has no grade and why, and what to do next."""
    grades = [grade for _, grade in rows if isinstance(grade, Grade)]
    lines = [f"{len(grades)} of {len(rows)} have a grade"]
    if grades:
        average = sum(grade.score for grade in grades) / len(grades)
        lines[0] += (
            f", mean {points(round(average, 1))} of {points(max(grade.max_score for grade in grades))}"
        )
    missing = [(name, why) for name, why in rows if isinstance(why, str)]
    lines += [
        f"no grade: {one_line(name)}: {cut(one_line(why), 200)}" for name, why in missing[:MOST_MISSING]
    ]
    if len(missing) > MOST_MISSING:
        lines.append(
            f"no grade: and {len(missing) - MOST_MISSING} more; convlab show {out} --where 'grade is missing'"
        )
    left = to_mark(grades, {})
    if left.count:
        answers = f"{left.count} written answers to mark{left.told}"
        lines.append(f"next: convlab desk {out} ({answers}), convlab report {out}")
    elif grades:
        lines.append(f"next: convlab report {out}")
    for line in lines:
        console.print(Text(line), soft_wrap=True)


def _left_out(grades: Sequence[Grade]) -> list[str]:
    """What the options left out for every submission: said once, not in each row."""
    if not grades:
        return []
    ran = {q.id for grade in grades for q in grade.questions if q.verdict is not Verdict.NOT_RUN}
    return [question.id for question in grades[0].questions if question.id not in ran]


def _summary_cells(grade: Grade | str, left_out: Collection[str]) -> tuple[str, str]:
    if isinstance(grade, str):
        word = "no grade" if isinstance(grade, Fault) else "unreadable"
        return "-", f"[red]{word}[/red]: {escape(one_line(grade))}"
    by_verdict: dict[Verdict, list[str]] = {}
    for question in grade.questions:
        not_run = question.verdict is Verdict.NOT_RUN and question.id not in left_out
        if not_run or question.verdict not in QUIET:
            by_verdict.setdefault(question.verdict, []).append(question.id)
    order = sorted(by_verdict, key=list(Verdict).index, reverse=True)
    parts = [f"{_coloured(verdict)} {' '.join(by_verdict[verdict])}" for verdict in order]
    return f"{points(grade.score)}/{points(grade.max_score)}", "; ".join(parts)

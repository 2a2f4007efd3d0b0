"""Some questions again for everybody: what changes, question by question, before anything is written."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.batch.items import Item
from autograder.batch.run import Done, save, ungraded
from autograder.grade import Grade, QuestionResult
from autograder.gradebook import Gradebook, Ledger, slot_of
from autograder.text import one_line, points

Change = tuple[Done, Grade, Grade]
"""A submission, its grade before and its grade after."""


def changes(done: Sequence[Done]) -> list[Change]:
    """The submissions whose total, or a question's score or verdict, would be another."""
    pairs = [(one, one.earlier, one.result) for one in done]
    return [
        (one, before, after)
        for one, before, after in pairs
        if before is not None and isinstance(after, Grade) and _scores(before) != _scores(after)
    ]


def lapsing(found: Sequence[Change], ledger: Ledger) -> dict[str, dict[str, str]]:
    """Whose marks would no longer count, by submission and question, and why."""
    gone: dict[str, dict[str, str]] = {}
    for one, before, after in found:
        for question in before.questions:
            now = after.question(question.id)
            if question.marked is not None and now.marked is None:
                why = ledger.why_again(slot_of(after.machine, after.machine.question(now.id)), now.written)
                gone.setdefault(one.item.id, {})[now.id] = why
    return gone


def _scores(grade: Grade) -> list[tuple[float, float, str]]:
    return [(q.score, q.max_score, str(q.verdict)) for q in grade.questions]


def print_changes(found: Sequence[Change], questions: Sequence[str], total: int, console: Console) -> None:
    """A row per submission that changes, then a line per question."""
    if found:
        table = Table(title="before and after", title_justify="left")
        table.add_column("submission")
        for name in (*questions, "total"):
            table.add_column(name, no_wrap=True)
        for one, before, after in found:
            cells = [_change(before.question(name), after.question(name)) for name in questions]
            table.add_row(escape(one_line(one.item.id)), *cells, _total(before, after))
        console.print(table)
    for name in questions:
        steps = [after.question(name).score - before.question(name).score for _, before, after in found]
        up, down = sum(step > 0 for step in steps), sum(step < 0 for step in steps)
        console.print(f"{name}: {up} up, {down} down, {total - up - down} the same", highlight=False)


def _change(before: QuestionResult, after: QuestionResult) -> str:
    """One question of one submission: both scores, and the verdicts where they differ."""
    if (before.score, before.max_score, before.verdict) == (after.score, after.max_score, after.verdict):
        return f"[dim]{points(after.score)}[/dim]"
    scores = f"{points(before.score)} → {points(after.score)}"
    if before.max_score != after.max_score:
        scores += f" (of {points(before.max_score)} → {points(after.max_score)})"
    verdicts = "" if before.verdict is after.verdict else f" {before.verdict} → {after.verdict}"
    return f"{_coloured(scores, after.score - before.score)}[dim]{verdicts}[/dim]"


def _total(before: Grade, after: Grade) -> str:
    text = f"{points(before.score)} → {points(after.score)}"
    return _coloured(text, after.score - before.score)


def _coloured(text: str, step: float) -> str:
    colour = "green" if step > 0 else "red" if step < 0 else "bold"
    return f"[{colour}]{text}[/{colour}]"


def apply(done: Sequence[Done], items: Sequence[Item], book: Gradebook, questions: Sequence[str]) -> int:
    """Write the new grades, the old ones into history/, and the table of all; how many there are."""
    new = [one for one in done if isinstance(one.result, Grade)]
    for one in new:
        save(book, one)
    results = {one.item.id: one.result for one in done}
    known = {row.name for row in book.everyone()}
    for item in items:
        if item.id not in known:
            book.drop(item.id, ungraded(item, str(results.get(item.id, "no grade"))))
    everyone = list(book.everyone())
    students = {row.name: row.student for row in everyone if row.student is not None}
    book.table([(row.name, row.grade) for row in everyone], questions, students, last=True)
    return len(new)

"""What a run keeps of each grade: enough for its tables, and no more."""

from __future__ import annotations

import tracemalloc
from io import StringIO
from pathlib import Path

from made_up_class import a_grade
from rich.console import Console

from autograder.batch.outlines import Outlines
from autograder.grade import Grade, Verdict
from autograder.gradebook.table import grades_csv
from autograder.report import print_end, print_summary

Rows = list[tuple[str, Grade | str]]


def test_tables_of_outlines_are_those_of_the_grades() -> None:
    outlines = Outlines()
    whole: Rows = [(f"s{n}", a_grade(f"s{n}", n, answer="x" * (n % 2))) for n in range(6)]
    whole.append(("s6", "not a zip"))
    small: Rows = [(name, outlines.of(result)) for name, result in whole]
    assert _shown(small) == _shown(whole)
    assert all("unmarked" not in text and text for text in _shown(small))


def _shown(rows: Rows) -> list[str]:
    questions = [question.id for _, grade in rows if isinstance(grade, Grade) for question in grade.questions]
    console = Console(file=StringIO(), width=120)
    print_summary(rows, Path("out"), console)
    print_end(rows, Path("out"), console)
    return [grades_csv(rows, questions), console.file.getvalue()]  # type: ignore[attr-defined]


def test_an_outline_takes_little_memory() -> None:
    outlines, texts = Outlines(), [a_grade(f"s{n}", n % 3).to_json().encode() for n in range(30)]
    for text in texts[:3]:
        outlines.of(Grade.model_validate_json(text))
    tracemalloc.start()
    kept = [outlines.of(Grade.model_validate_json(text)) for text in texts]
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken / len(kept) < 8_000
    assert any(
        question.verdict is Verdict.UNGRADED and question.answer
        for grade in kept
        if isinstance(grade, Grade)
        for question in grade.questions
    )

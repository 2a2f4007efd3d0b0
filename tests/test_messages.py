"""What a student reads when a check fails: enough to go on, nothing that is hidden."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import cache

import pytest
from harness import ROOT, lab, local, reference_sources, run_check
from rich.console import Console
from torch import Tensor
from tries import THOROUGH

from autograder.audit.cases import Case, load_cases
from autograder.audit.messages import document
from autograder.checking.catalog import catalog
from autograder.checking.check import Check
from autograder.grade import CheckResult, Grade, QuestionResult, Verdict
from autograder.gradebook.gradescope import results
from autograder.report import print_table
from autograder.report.feedback import feedback_page
from autograder.values import Value


@cache
def chaffs() -> tuple[Case, ...]:
    return tuple(case for case in load_cases(lab(), with_mutants=False) if not case.right)


def hidden_checks(question: str) -> list[Check]:
    return [check for check in catalog(lab()) if check.question == question and check.hidden]


class Recorder:
    """The reference, keeping every value that it was given or gave back."""

    def __init__(self) -> None:
        self.inner = local(reference_sources())
        self.values: list[Value] = []

    def run(self, probe: str, /, **arguments: Value) -> Value:
        outcome = self.inner.run(probe, **arguments)
        self.values += [dict(arguments), outcome]
        return outcome


def numbers(value: Value) -> Iterator[float]:
    if isinstance(value, Tensor) and value.is_floating_point():
        yield from value.reshape(-1).tolist()[:200]
    elif isinstance(value, float):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from numbers(item)


@cache
def hidden_numbers(question: str) -> frozenset[str]:
    """Inputs and right outcomes of a question's hidden checks, as any message would write them."""
    recorder = Recorder()
    for check in hidden_checks(question):
        run_check(check, reference_sources(), student=recorder)
    found = {f"{abs(number):.6g}"[:6] for value in recorder.values for number in numbers(value)}
    return frozenset(text for text in found if re.fullmatch(r"\d\.\d{4}", text))


@cache
def reference_lines(module: str) -> frozenset[str]:
    """Lines of the reference's answers, long enough to tell."""
    text = reference_sources()[module]
    answers = re.findall(r"#!TAG HWBEGIN\n(.*?)#!TAG HWEND", text, flags=re.DOTALL)
    lines = {line.strip() for answer in answers for line in answer.splitlines() if "#!" not in line}
    return frozenset(line for line in lines if len(line) > 25)


def shown(case: Case) -> str:
    """All that the writers for students make of a case's hidden checks."""
    sources = {**reference_sources(), case.module: case.text}
    checks = []
    for check in hidden_checks(case.question):
        how = run_check(check, sources)
        checks.append(
            CheckResult(
                name=check.name,
                title=check.title,
                verdict=how.verdict,
                score=0,
                max_score=check.points,
                visibility="after_published",
                message=how.message,
                detail=how.detail,
            )
        )
    question = QuestionResult(
        id=case.question, title="title", score=0, max_score=9, verdict=Verdict.WRONG, checks=tuple(checks)
    )
    environment = {"device": "cpu", "isolation": (), "versions": {}, "seed": 0}
    grade = Grade(
        assignment="lab06",
        submission="x",
        score=0,
        max_score=9,
        questions=(question,),
        environment=environment,  # type: ignore[arg-type]
        digest="",
    )
    console = Console(file=io.StringIO(), width=300)
    print_table(grade, console)
    assert isinstance(console.file, io.StringIO)
    return results(grade) + feedback_page(grade, lab()) + console.file.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("question", [q.id for q in lab().auto_graded if not q.training])
def test_no_message_gives_away_what_is_hidden(question: str) -> None:
    secrets = hidden_numbers(question)
    for case in [case for case in chaffs() if case.question == question][:: 1 if THOROUGH else 5]:
        text = shown(case)
        leaked = {number for number in re.findall(r"(?<![\d.])\d\.\d{4}", text) if number in secrets}
        assert not leaked, f"{case.id}: {leaked}"
        assert "hidden/" not in text, case.id
        assert "hidden.test_" not in text, case.id
        given = case.text.split('"""')[-1]
        for line in reference_lines(case.module):
            assert line not in text or line in given, f"{case.id}: {line}"


@pytest.mark.slow
def test_the_page_of_messages_is_what_the_command_writes() -> None:
    page = (ROOT / "docs" / "messages.md").read_text("utf-8")
    assert page == document(), "run `python -m autograder.audit.messages > docs/messages.md`"

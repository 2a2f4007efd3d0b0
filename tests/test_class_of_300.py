"""What a class of hundreds needs: the report's beginning, `convlab show`, the end of a run, a log's lines."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from harness import lab
from made_up_class import a_grade, write
from pages import text_of
from rich.console import Console

from autograder.batch import progress as progress_room
from autograder.cli import main
from autograder.grade import CheckResult, Fault, Grade, Student, Verdict
from autograder.gradebook.reading import read_results
from autograder.report import print_end
from autograder.report.overview import overview_page


def broken(grade: Grade) -> Grade:
    """A grade in which no module loads: the same cause in every question."""

    def failed(check: CheckResult) -> CheckResult:
        changed = {"verdict": Verdict.ERROR, "score": 0, "detail": "SyntaxError: line 3", "misconception": ""}
        return check.model_copy(update=changed)

    questions = [
        question.model_copy(
            update={"checks": tuple(map(failed, question.checks)), "verdict": Verdict.ERROR, "score": 0}
        )
        if question.checks
        else question
        for question in grade.questions
    ]
    return grade.with_results(questions)


def named(name: str, who: str, own: str = "") -> Grade:
    student = Student(id=own or name, name=who, platform="canvas", platform_id=own or name)
    return a_grade(name, right=True).model_copy(update={"student": student})


def page_of(folder: Path) -> str:
    return overview_page(read_results(folder), lab())


def test_a_syntax_error_is_one_row(tmp_path: Path) -> None:
    text = text_of(page_of(write(tmp_path, broken(a_grade("ann", right=True)))))
    assert text.count("SyntaxError: line 3") == 1
    asked = ", ".join(q.id for q in a_grade("ann").questions if q.checks)
    assert asked in text


def test_the_page_begins_with_what_needs_a_person(tmp_path: Path) -> None:
    grade = a_grade("ann", right=True)
    questions = [
        q.model_copy(update={"shortcuts": ("calls torch.conv2d",)}) if q.id == "q2_2" else q
        for q in grade.questions
    ]
    write(tmp_path, grade.with_results(questions))
    (tmp_path / "grades.csv").write_text("submission,problem\ncem,cem.rar: not a zip\n")
    text = text_of(page_of(tmp_path))
    start = text.index("Needs a person 1 without a grade")
    assert start < text.index("Scores") or "Scores Questions" in text
    assert "q2_3: 1 answer to mark" in text
    assert "1 to be looked at" in text
    assert "ann: q2_2 not by hand? calls torch.conv2d" in text


def test_names_and_not_ids_are_on_the_page(tmp_path: Path) -> None:
    write(tmp_path, named("doejane_1", "Jane Doe"), named("doejane_2", "Jane Doe"), named("lee_3", "Ann Lee"))
    text = text_of(page_of(tmp_path))
    assert "Ann Lee" in text
    assert "lee_3" not in text
    assert "Jane Doe (doejane_1)" in text


def test_discrimination_is_of_the_other_questions(tmp_path: Path) -> None:
    strong = [a_grade(f"a{n}", right=True) for n in range(3)]
    weak = [broken(a_grade(f"b{n}", right=True)) for n in range(3)]
    text = text_of(page_of(write(tmp_path, *strong, *weak)))
    assert "50 % 3 of 6 1.00" in text


def shown(tmp_path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["show", str(tmp_path), *arguments])


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("q2_1 is error", ["bea"]),
        ("q2_1 is not error", ["ann"]),
        ("q2_1 < 1", ["bea"]),
        ("score >= 1 and q1_1 is passed", ["ann"]),
        ("grade is missing", ["cem"]),
        ("name contains 'ann'", ["ann"]),
        ("score > 1000", []),
    ],
)
def test_show(tmp_path: Path, where: str, found: list[str]) -> None:
    write(tmp_path, a_grade("ann", right=True), broken(a_grade("bea", right=True)))
    (tmp_path / "grades.csv").write_text("submission,problem\ncem,cem.rar: not a zip\n")
    result = shown(tmp_path, "--where", where, "--ids")
    assert result.exit_code == 0, result.output
    assert result.output.split() == found
    assert f"{len(found)} of 3 submissions" in shown(tmp_path, "--where", where).output


@pytest.mark.parametrize("where", ["q9_9 is timeout", "q2_1 is slow", "timeout", "q2_1 < ..", "score is"])
def test_show_says_what_can_be_asked(tmp_path: Path, where: str) -> None:
    result = shown(write(tmp_path, a_grade("ann")), "--where", where)
    assert result.exit_code == 2
    assert "--where" in result.output
    assert "Traceback" not in result.output


def test_a_run_ends_with_counts_reasons_and_the_next_step() -> None:
    console = Console(file=io.StringIO(), width=200)
    rows: list[tuple[str, Grade | str]] = [
        ("ann", a_grade("ann", right=True)),
        ("eve", "eve.rar: a RAR archive"),
    ]
    rows.append(("bob", Fault("the grader itself failed")))
    print_end(rows, Path("out"), console)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith("1 of 3 have a grade, mean ")
    assert lines[1:3] == ["no grade: eve: eve.rar: a RAR archive", "no grade: bob: the grader itself failed"]
    assert lines[-1].startswith("next: convlab desk out")


def test_a_log_gets_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress_room, "EVERY", 0.02)
    with progress_room.progress(3, Console(file=io.StringIO())):
        time.sleep(0.3)
    assert "grading: 0 of 3 after 0 min" in capsys.readouterr().err

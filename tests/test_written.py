"""Written answers: collected for people, points and comments taken back, and the grades that include them."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from harness import ROOT, lab
from made_up_class import ANSWER, HOSTILE, a_grade, write
from pydantic import ValidationError
from rich.console import Console

from autograder.cli import main
from autograder.grade import Grade, QuestionResult, Verdict
from autograder.gradebook.gradescope import results
from autograder.gradebook.names import LOCK
from autograder.gradebook.table import grades_csv
from autograder.report import print_table

HEADER = "submission,question,points,comment\n"
WRITTEN = ["q2_3", "q3_1", "q3_2", "q3_5"]


def convlab(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["written", *map(str, arguments)])


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return write(tmp_path / "out", a_grade("ann"), a_grade("bea"), a_grade("=cem 1"))


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def grade_of(out: Path, name: str) -> Grade:
    return Grade.model_validate_json((out / name / "grade.json").read_bytes())


def applied(out: Path, text: str | bytes) -> Result:
    table = out.parent / "filled.csv"
    table.write_bytes(text.encode() if isinstance(text, str) else text)
    return convlab("apply", out, table)


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a results folder but its lock, which names who held it last."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != LOCK)
    return {str(path): path.read_bytes() for path in files}


# ---- the model ---------------------------------------------------------------------------------------


def test_points_of_people_count() -> None:
    before = a_grade("ann")
    after = before.with_points({"q2_3": (3.5, "good")})
    assert (after.score, after.max_score) == (before.score + 3.5, before.max_score + 4)
    question = after.question("q2_3")
    assert (question.verdict, question.score, question.comment) == (Verdict.GRADED, 3.5, "good")
    assert after.question("q3_1") == before.question("q3_1")
    assert Grade.model_validate_json(after.to_json()) == after
    again = after.with_points({"q2_3": (1, "")})
    assert (again.score, again.question("q2_3").comment) == (before.score + 1, "")


@pytest.mark.parametrize("points", [-1, 4.01, float("nan"), float("inf")])
def test_points_must_fit(points: float) -> None:
    with pytest.raises(ValidationError):
        a_grade("ann").with_points({"q2_3": (points, "")})


def test_only_written_questions_take_points() -> None:
    with pytest.raises(ValueError, match="q2_2: checks grade it, not people"):
        a_grade("ann").with_points({"q2_2": (1, "")})


@pytest.mark.parametrize("fields", [{"score": 1}, {"comment": "x"}])
def test_what_is_ungraded_has_neither_points_nor_comment(fields: dict[str, object]) -> None:
    question = a_grade("ann").question("q2_3")
    with pytest.raises(ValidationError, match="it is ungraded"):
        QuestionResult.model_validate({**dict(question), **fields})


def test_a_sum_without_the_points_of_people_is_refused() -> None:
    after = a_grade("ann").with_points({"q2_3": (3, "")})
    with pytest.raises(ValidationError, match="add up"):
        Grade.model_validate({**dict(after), "score": after.score - 3})


def test_points_stay_with_the_same_answer_when_graded_again() -> None:
    earlier = a_grade("ann").with_points({"q2_3": (3, "good"), "q3_1": (1, "")})
    fresh = a_grade("ann", right=True)
    assert fresh.with_points_of(earlier).question("q2_3") == earlier.question("q2_3")
    other = a_grade("ann", answer="another answer")
    assert other.with_points_of(earlier) == other


def test_writers_show_points_of_people() -> None:
    grade = a_grade("ann").with_points({"q2_3": (3.5, "The *signs*\nare missing.")})
    console = Console(file=io.StringIO(), width=90)
    print_table(grade, console, verbose=True)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "3.5/4" in shown
    assert "are missing." in shown
    (row,) = csv.DictReader(io.StringIO(grades_csv([("ann", grade)], WRITTEN)))
    assert (row["q2_3"], row["q2_3 verdict"], row["q3_1"]) == ("3.5", "graded", "")
    written = json.loads(results(grade))
    test = next(test for test in written["tests"] if test["number"] == "q2_3")
    assert (test["score"], test["max_score"]) == (3.5, 4)
    assert test["output"] == "The \\*signs\\*\n\nare missing\\."
    assert written["score"] == grade.score == sum(test.get("score", 0) for test in written["tests"])


# ---- collect -----------------------------------------------------------------------------------------


def test_collect(out: Path) -> None:
    result = convlab("collect", out)
    assert result.exit_code == 0, result.output
    page = (out / "written.html").read_text()
    for question in WRITTEN:
        assert lab().question(question).title in page
    assert "Opposite sides are subtracted" in page  # from the rubric
    assert page.count('class="answer"') == 3 * 3
    found = rows(out / "written.csv")
    assert [(row["submission"], row["question"]) for row in found] == [
        (name, question) for question in WRITTEN for name in ("'=cem 1", "ann", "bea")
    ]
    assert not any(row["points"] or row["comment"] for row in found)


def test_answers_are_shown_as_text_only(tmp_path: Path) -> None:
    write(tmp_path, a_grade("ann", answer=HOSTILE))
    assert convlab("collect", tmp_path).exit_code == 0
    page = (tmp_path / "written.html").read_text()
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_an_untouched_answer_cell_is_no_answer(tmp_path: Path) -> None:
    from autograder.submission import open_submission

    blank = open_submission(ROOT / "student", lab()).answers["q3_1"]
    write(tmp_path, a_grade("ann", answer=blank), a_grade("bea", answer=ANSWER))
    assert convlab("collect", tmp_path).exit_code == 0
    page = (tmp_path / "written.html").read_text()
    assert 'aria-label="Answer of ann to q3_1"' not in page
    assert 'aria-label="Answer of bea to q3_1"' in page
    assert ("ann", "q3_1") in {(row["submission"], row["question"]) for row in rows(tmp_path / "written.csv")}


def test_collect_elsewhere(out: Path, tmp_path: Path) -> None:
    assert convlab("collect", out, "--out", tmp_path / "a.csv").exit_code == 0
    assert len(rows(tmp_path / "a.csv")) == 12
    assert not (tmp_path / "a.html").exists()
    result = convlab("collect", out, "--out", tmp_path / "a.txt")
    assert result.exit_code == 2
    assert ".html or .csv" in result.output


def test_collect_does_not_write_over_points_that_were_not_applied(out: Path) -> None:
    assert convlab("collect", out).exit_code == 0
    table = out / "written.csv"
    table.write_text(table.read_text().replace("ann,q2_3,,", "ann,q2_3,3,good"))
    result = convlab("collect", out)
    assert result.exit_code == 2
    assert f"{table}: has points that were not applied" in result.output
    assert "ann,q2_3,3,good" in table.read_text()
    assert convlab("apply", out, table).exit_code == 0
    assert convlab("collect", out).exit_code == 0
    assert "ann,q2_3,3,good" in table.read_text()


# ---- apply -------------------------------------------------------------------------------------------


def test_apply(out: Path) -> None:
    before = grade_of(out, "ann")
    result = applied(out, HEADER + "ann,q2_3,3.5,well put\nann,q3_1,0,\nbea,q3_5,,\n'=cem 1,q2_3,4,'=ok\n")
    assert result.exit_code == 0, result.output
    assert "3 answers of 2 submissions have points now." in result.output
    assert "9 written answers are still ungraded." in result.output
    ann = grade_of(out, "ann")
    assert (ann.score, ann.max_score) == (before.score + 3.5, before.max_score + 9)
    assert ann.question("q2_3").comment == "well put"
    assert grade_of(out, "bea").question("q3_5").verdict is Verdict.UNGRADED
    assert grade_of(out, "=cem 1").question("q2_3").comment == "=ok"
    table = {row["submission"]: row for row in rows(out / "grades.csv")}
    assert table["ann"]["q2_3"] == "3.5"
    assert table["bea"]["q2_3"] == ""
    assert json.loads((out / "ann" / "results.json").read_text())["score"] == ann.score


def test_applying_twice_changes_nothing(out: Path) -> None:
    text = HEADER + "ann,q2_3,3.5,well put\n"
    assert applied(out, text).exit_code == 0
    once = contents(out)
    assert applied(out, text).exit_code == 0
    assert contents(out) == once


def test_what_was_collected_can_be_applied_and_collected_again(out: Path) -> None:
    comment = 'two lines,\n"quoted"; a formula:\n=1+1'
    points = {"q2_3": (1.5, comment), "q3_1": (0, "=1+1"), "q3_5": (2, "' x")}
    write(out, a_grade("ann").with_points(points))
    assert convlab("collect", out).exit_code == 0
    before = grade_of(out, "ann")
    assert convlab("apply", out, out / "written.csv").exit_code == 0
    assert grade_of(out, "ann") == before


def test_unreadable_submissions_stay_in_the_table(out: Path) -> None:
    (out / "grades.csv").write_text("submission,score,problem\ndan,,dan.zip: not a zip\nann,1,\n")
    assert applied(out, HEADER + "ann,q2_3,1,\n").exit_code == 0
    table = {row["submission"]: row["problem"] for row in rows(out / "grades.csv")}
    assert table == {"ann": "", "bea": "", "'=cem 1": "", "dan": "dan.zip: not a zip"}


@pytest.mark.parametrize(
    "text",
    [
        "submission;question;points;comment\r\nann;q2_3;3,5;good, really\r\n",
        '\ufeffsubmission,question,points,comment\nann,q2_3,3.5,"good, really"\n',
        "submission\tquestion\tpoints\tcomment\nann\tq2_3\t3.5\tgood, really\n",
        'Comment,Points,Question,Submission,Grader\n"good, really",3.5,q2_3,ann,me\n\n,,,,\n',
    ],
    ids=["semicolons", "byte order mark", "tabs", "other order"],
)
def test_what_spreadsheets_make_of_a_table(out: Path, text: str) -> None:
    result = applied(out, text)
    assert result.exit_code == 0, result.output
    question = grade_of(out, "ann").question("q2_3")
    assert (question.score, question.comment) == (3.5, "good, really")


@pytest.mark.parametrize(
    ("rows_", "expected"),
    [
        ("dan,q2_3,1,\n", "line 2, column submission: no submission 'dan' has a grade"),
        (
            "ann,q9_9,1,\n",
            "line 2, column question: 'q9_9' is not a written question; choose from q2_3, q3_1",
        ),
        ("ann,q2_2,1,\n", "line 2, column question: 'q2_2' is not a written question"),
        ("ann,q2_3,much,\n", "line 2, column points: 'much' is not a number"),
        ("ann,q2_3,nan,\n", "line 2, column points: 'nan' is not a number"),
        ("ann,q2_3,1e2,\n", "line 2, column points: '1e2' is not a number"),
        ("ann,q2_3,4.5,\n", "line 2, column points: 4.5 is not between 0 and the maximum; q2_3 has 4 points"),
        ("ann,q2_3,-1,\n", "line 2, column points: -1 is not between 0 and the maximum"),
        ("ann,q2_3,,why\n", "line 2, column points: empty, but there is a comment"),
        ("ann,q2_3,1,\nann,q2_3,2,\n", "line 3, column question: q2_3 of ann is in line 2 already"),
        ('ann,q3_1,1,"a\nb"\nann,q2_3,x,\n', "line 4, column points: 'x' is not a number"),
        ("ann,q2_3,1,\nbea,q2_3\n", "line 3: 2 cells, but 4 columns"),
        ("ann,q2_3,1,a, b\n", "line 2: 5 cells, but 4 columns; put text with ',' in quotes"),
        ('ann,q2_3,1,"open\n', "line 2: unexpected end of data"),
    ],
)
def test_one_wrong_line_is_named_and_nothing_is_applied(out: Path, rows_: str, expected: str) -> None:
    before = contents(out)
    result = applied(out, f"{HEADER}{rows_}")
    assert result.exit_code == 2
    assert f"{out.parent / 'filled.csv'}, {expected}" in result.output
    assert "Nothing was applied." in result.output
    assert contents(out) == before


def test_all_wrong_lines_are_named_at_once(out: Path) -> None:
    before = contents(out)
    text = HEADER + "ann,q3_1,1,\n" + "".join(f"ann,q2_3,{n}x,\n" for n in range(40))
    result = applied(out, text)
    assert result.exit_code == 2
    assert "line 3, column points" in result.output
    assert "line 4, column points" in result.output
    assert "more\nNothing was applied." in result.output
    assert contents(out) == before


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", "line 1: the first line must name the columns"),
        (b"submission,question\n", "missing: points, comment"),
        (HEADER.encode() + b"ann,q2_3,1,\nann,q3_1,1,\xff\n", "line 3: not UTF-8"),
        (HEADER.encode() + b"ann,q2_3,1," + b"x" * 200_000 + b"\n", "line 2: field larger"),
    ],
)
def test_tables_that_cannot_be_read(out: Path, text: bytes, expected: str) -> None:
    before = contents(out)
    result = applied(out, text)
    assert result.exit_code == 2, result.output
    assert expected in result.output
    assert "Traceback" not in result.output
    assert contents(out) == before


def test_a_broken_grade_is_named_where_points_are_given_to_it(out: Path) -> None:
    (out / "bea" / "grade.json").write_text("{}")
    assert applied(out, HEADER + "ann,q2_3,1,\n").exit_code == 0
    result = applied(out, HEADER + "ann,q2_3,2,\nbea,q2_3,1,\n")
    assert result.exit_code == 2
    assert f"line 3, column submission: {out / 'bea' / 'grade.json'}: " in result.output
    assert grade_of(out, "ann").question("q2_3").score == 1


def test_nothing_is_applied_when_a_file_cannot_be_written(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = tempfile.mkstemp

    def full(*arguments: Any, **more: Any) -> tuple[int, str]:
        if "bea" in str(more["dir"]):
            raise OSError(28, "No space left on device")
        return real(*arguments, **more)

    monkeypatch.setattr(tempfile, "mkstemp", full)
    before = contents(out)
    result = applied(out, HEADER + "ann,q2_3,1,\nbea,q2_3,1,\n")
    assert result.exit_code == 2
    assert f"{out / 'bea' / 'history' / '1.json'} cannot be written: No space left on device" in result.output
    assert contents(out) == before

"""Written answers: collected for people, points and comments taken back, and the grades that include them."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
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
from autograder.gradebook import Gradebook
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
    assert written["score"] == grade.score
    assert sum(test.get("score", 0) for test in written["tests"]) == pytest.approx(grade.score, abs=1e-9)


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
    assert "3 answers of 2 submissions have new points." in result.output
    assert "9 written answers are still ungraded, 3 of them empty." in result.output
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
        ("ann,q2_3,1,\nann,q2_3,2,\n", "line 3, column question: q2_3 of ann is in line 2 too"),
        ('ann,q3_1,1,"a\nb"\nann,q2_3,x,\n', "line 4, column points: 'x' is not a number"),
        ("ann,q2_3,1,\nbea,q2_3\n", "line 3: 2 cells, but 4 columns"),
        ("ann,q2_3,1,a, b\n", "line 2: 5 cells, but 4 columns; put text with ',' in quotes"),
    ],
)
def test_a_wrong_line_is_named_and_costs_only_itself(out: Path, rows_: str, expected: str) -> None:
    result = applied(out, f"{HEADER}{rows_}bea,q3_2,5,fine\n")
    assert result.exit_code == 2
    assert f"{out.parent / 'filled.csv'}, {expected}" in result.output
    assert "Traceback" not in result.output
    bea = grade_of(out, "bea").question("q3_2")
    assert (bea.score, bea.comment) == (5, "fine")
    assert grade_of(out, "ann").question("q2_3").verdict is Verdict.UNGRADED or expected.startswith("line 3:")


def test_all_wrong_lines_are_named_at_once(out: Path) -> None:
    text = HEADER + "ann,q3_1,1,\n" + "".join(f"ann,q2_3,{n}x,\n" for n in range(40))
    result = applied(out, text)
    assert result.exit_code == 2
    assert "line 3, column points" in result.output or "line 3, column question" in result.output
    assert "more\nRows that were not applied: 40." in result.output
    assert grade_of(out, "ann").question("q3_1").score == 1


@pytest.mark.parametrize(
    "above",
    [
        "\n\n",
        "Lab 6, points of group A\n\n",
        "Lab 6;;\nby Eva\t\n",
        '"Lab 6,\nof 2026"\n',
        "sep=,\nLab 6\n",
        "\n".join(f"title {n}" for n in range(9)) + "\n",
    ],
)
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_titles_and_blank_rows_above_the_header_are_passed_over(out: Path, above: str, sign: str) -> None:
    rows = f"{HEADER}ann,q2_3,3,well put\nann,q3_1,x,\n".replace(",", sign)
    result = applied(out, above.replace("sep=,", f"sep={sign}") + rows)
    assert grade_of(out, "ann").question("q2_3").score == 3, result.output
    line = above.count("\n") + 3
    assert f"line {line}, column points: 'x' is not a number" in result.output


def xlsx() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (xlsx(), "filled.csv: this is an Excel file; save it as CSV (UTF-8)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "this is an Excel file; save it as CSV"),
        (b"PK\3\4" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument", "an OpenDocument file; save"),
        ("\n".join(f"title {n}" for n in range(10)).encode() + b"\n" + HEADER.encode(), "line 1: the first"),
        (b"", "line 1: the first line must name the columns"),
        (b"submission,question\n", "missing: points"),
        (HEADER.encode() + b"ann,q2_3,1,\nann,q3_1,1,\x81\n", "line 3: neither UTF-8 nor UTF-16 nor cp1252"),
        (HEADER.encode() + b'ann,q2_3,1,"open\n', "line 2: unexpected end of data"),
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
    assert grade_of(out, "ann").question("q2_3").score == 2


def test_marks_are_safe_when_a_file_cannot_be_written(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = tempfile.mkstemp

    def full(*arguments: Any, **more: Any) -> tuple[int, str]:
        if "bea" in str(more["dir"]):
            raise OSError(28, "No space left on device")
        return real(*arguments, **more)

    with monkeypatch.context() as patched:
        patched.setattr(tempfile, "mkstemp", full)
        result = applied(out, HEADER + "ann,q2_3,1,\nbea,q2_3,1,\n")
    assert result.exit_code == 2
    assert f"{out / 'bea' / 'results.json'} cannot be written: No space left on device" in result.output
    assert f"The marks themselves are safe in {out / 'marks.sqlite'}" in result.output
    assert grade_of(out, "ann").question("q2_3").verdict is Verdict.UNGRADED
    assert applied(out, HEADER).exit_code == 0
    assert grade_of(out, "ann").question("q2_3").score == grade_of(out, "bea").question("q2_3").score == 1


# ---- which answer, whose mark, which submission ------------------------------------------------------


def filled(out: Path, **cells: str) -> str:
    """The table that is collected now, with points in it: `ann_q2_3="3"`, or with a comment `"3|good"`."""
    assert convlab("collect", out).exit_code == 0
    found = rows(out / "written.csv")
    for name, value in cells.items():
        submission, question = name.split("_", 1)
        row = next(row for row in found if (row["submission"], row["question"]) == (submission, question))
        row["points"], _, row["comment"] = value.partition("|")
    text = io.StringIO()
    writer = csv.DictWriter(text, found[0])
    writer.writeheader()
    writer.writerows(found)
    (out / "written.csv").unlink()
    return text.getvalue()


def test_points_are_refused_for_an_answer_that_changed(out: Path) -> None:
    table = filled(out, ann_q2_3="3|good", bea_q2_3="2")
    with Gradebook(out) as book:
        book.put("ann", a_grade("ann", answer="another answer"))
    result = applied(out, table)
    assert result.exit_code == 2
    assert "column answer: the answer is no longer the one that was marked" in result.output
    assert grade_of(out, "ann").question("q2_3").verdict is Verdict.UNGRADED
    assert grade_of(out, "bea").question("q2_3").score == 2


@pytest.mark.parametrize("table", [HEADER + "ann,q2_3,3,good\n", HEADER + "ann,q2_3,2,other\n"])
def test_a_table_that_does_not_say_for_which_answer(out: Path, table: str) -> None:
    """As an earlier convlab wrote it: fine until an answer changes that was marked."""
    assert applied(out, HEADER + "ann,q2_3,3,good\n").exit_code == 0
    with Gradebook(out) as book:
        book.put("ann", a_grade("ann", answer="another answer"))
    assert grade_of(out, "ann").question("q2_3").again
    result = applied(out, table)
    assert result.exit_code == 2
    assert "line 2, column answer: another answer of this submission was marked" in result.output
    assert grade_of(out, "ann").question("q2_3").verdict is Verdict.UNGRADED
    assert applied(out, filled(out, ann_q2_3="1")).exit_code == 0
    assert grade_of(out, "ann").question("q2_3").score == 1


def test_two_tables_that_were_collected_at_the_same_time(out: Path) -> None:
    """What nobody filled in does not overwrite, and what two filled in differently is refused."""
    first, second = filled(out, ann_q2_3="3", bea_q2_3="1"), filled(out, ann_q2_3="2", bea_q3_1="4")
    assert applied(out, first).exit_code == 0
    result = applied(out, second)
    assert result.exit_code == 2
    assert "column mark: it was marked after this table was written (ann q2_3 3 by " in result.output
    ann, bea = grade_of(out, "ann"), grade_of(out, "bea")
    assert (ann.question("q2_3").score, bea.question("q2_3").score, bea.question("q3_1").score) == (3, 1, 4)


def test_an_old_table_does_not_bring_back_what_it_was_written_with(out: Path) -> None:
    assert applied(out, filled(out, ann_q2_3="3")).exit_code == 0
    old = filled(out, bea_q2_3="2")
    assert applied(out, filled(out, ann_q2_3="1")).exit_code == 0
    assert applied(out, old).exit_code == 0
    assert grade_of(out, "ann").question("q2_3").score == 1


def as_(name: str, out: Path, text: str, *more: str) -> Result:
    (out.parent / "filled.csv").write_text(text)
    return convlab("apply", out, out.parent / "filled.csv", "--as", name, *more)


def test_other_peoples_marks_are_listed_and_kept_unless_overridden(out: Path) -> None:
    assert as_("Eva", out, HEADER + "ann,q2_3,3,\nbea,q2_3,1,\n").exit_code == 0
    text = HEADER + "ann,q2_3,2,\nbea,q2_3,1,\nbea,q3_1,5,\n"
    dry = as_("Max", out, text, "--dry-run")
    assert dry.exit_code == 0
    assert "1 new marks, 1 changed, 1 as they are, by Max." in dry.output
    assert "1 marks of other people would be replaced:\n  ann q2_3: 3 -> 2 (before by Eva)" in dry.output
    assert grade_of(out, "bea").question("q3_1").verdict is Verdict.UNGRADED
    result = as_("Max", out, text)
    assert result.exit_code == 2
    assert "line 2, column points: ann q2_3: 3 -> 2 (before by Eva); --override replaces" in result.output
    assert (grade_of(out, "ann").question("q2_3").score, grade_of(out, "bea").question("q3_1").score) == (
        3,
        5,
    )
    assert as_("Max", out, text, "--override").exit_code == 0
    assert grade_of(out, "ann").question("q2_3").score == 2
    marks = Gradebook(out).marks()
    assert [(mark.who, mark.points) for mark in marks.of("ann", "q2_3")] == [("Eva", 3), ("Max", 2)]


ENCODED = [
    ("utf-8", ""),
    ("utf-8-sig", ""),
    ("utf-16", ""),
    ("utf-16-le", "\ufeff"),
    ("utf-16-be", ""),
    ("cp1252", ""),
    ("utf-8", "sep=;\r\n"),
    ("cp1252", '"sep=;"\r\n'),
    ("utf-16", "sep=\t\r\n"),
]


@pytest.mark.parametrize(("encoding", "begins"), ENCODED)
def test_encodings(out: Path, encoding: str, begins: str) -> None:
    separator = "\t" if "\t" in begins else ";"
    text = "submission;question;points;comment\r\nann;q2_3;2,5;Für Ähren – schön\r\n".replace(";", separator)
    result = applied(out, (begins + text).encode(encoding))
    assert result.exit_code == 0, result.output
    question = grade_of(out, "ann").question("q2_3")
    assert (question.score, question.comment) == (2.5, "Für Ähren – schön")
    more = f"zoe{separator}q2_3{separator}1{separator}\r\n"
    line = 4 if begins.strip("\ufeff") else 3
    assert f"line {line}, column" in applied(out, (begins + text + more).encode(encoding)).output


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("1.", 1),
        ("1,", 1),
        (".5", 0.5),
        ("½", 0.5),
        ("1½", 1.5),
        ("1 ½", 1.5),
        ("2¼", 2.25),
        ("3,50", 3.5),
        ("+2", 2),
        (" 2\u00a0", 2),
        ("\uff13", 3),
        ("-½", None),
        ("−1", None),
        ("1/2", None),
        ("01. Feb", None),
        ("1.0.0", None),
        ("", None),
        ("4.0001", None),
        ("50 %", None),
        (",", None),
    ],
)
def test_numbers_as_people_write_them(out: Path, text: str, points: float | None) -> None:
    result = applied(out, f'submission;question;points;comment\nann;q2_3;"{text}";\n')
    question = grade_of(out, "ann").question("q2_3")
    assert (question.score if question.verdict is Verdict.GRADED else None) == points
    assert result.exit_code == (0 if points is not None or not text else 2)


@pytest.fixture
def numbered(tmp_path: Path) -> Path:
    grades = [a_grade(name, answer=f"the answer of {name}") for name in ("0042", "042", "0007", "12")]
    return write(tmp_path / "numbered", *grades)


def test_leading_zeros_that_a_spreadsheet_ate(numbered: Path) -> None:
    result = applied(numbered, HEADER + "7,q2_3,1,\n12,q2_3,2,\n42,q2_3,3,\n")
    assert result.exit_code == 2
    assert (
        "line 4, column submission: '42' can be 0042, 042: a spreadsheet removed leading zeros"
        in result.output
    )
    assert (grade_of(numbered, "0007").question("q2_3").score, grade_of(numbered, "12").score) == (
        1,
        grade_of(numbered, "12").machine.score + 2,
    )


def test_submissions_are_told_apart_by_their_answers(numbered: Path) -> None:
    assert convlab("collect", numbered).exit_code == 0
    text = (numbered / "written.csv").read_text()
    for name, points in (("0042", 1), ("042", 2), ("0007", 3)):
        text = text.replace(f"\n{name},q2_3,,", f"\n{name.lstrip('0')},q2_3,{points},")
    assert applied(numbered, text).exit_code == 0
    given = [grade_of(numbered, name).question("q2_3").score for name in ("0042", "042", "0007")]
    assert given == [1, 2, 3]


def test_a_table_that_kept_its_zeros_means_what_it_says(tmp_path: Path) -> None:
    out = write(tmp_path / "out", a_grade("007"), a_grade("7"))
    assert applied(out, HEADER + "7,q2_3,1,\n").exit_code == 2
    assert applied(out, HEADER + "7,q2_3,1,\n007,q2_3,2,\n").exit_code == 0
    assert [grade_of(out, name).question("q2_3").score for name in ("7", "007")] == [1, 2]


def test_a_name_that_became_a_number(out: Path) -> None:
    result = applied(out, HEADER + "1.23E+15,q2_3,1,\n")
    assert "no submission '1.23E+15' has a grade; a spreadsheet made a number of its name" in result.output


def test_an_answer_that_is_there_twice(out: Path) -> None:
    """Which of the two rows is meant is not ours to guess."""
    result = applied(out, HEADER + "ann,q2_3,1,\nann,q2_3,2,\nbea,q2_3,3,\n")
    assert result.exit_code == 2
    assert "line 2, column question: q2_3 of ann is in this table twice; neither was applied" in result.output
    assert grade_of(out, "ann").question("q2_3").verdict is Verdict.UNGRADED
    assert grade_of(out, "bea").question("q2_3").score == 3


def test_a_table_needs_no_comments(out: Path) -> None:
    result = applied(out, "submission,question,points\nann,q2_3,1\n")
    assert result.exit_code == 0, result.output
    assert grade_of(out, "ann").question("q2_3").score == 1


def test_nothing_is_called_saved_where_all_was_refused(out: Path) -> None:
    with Gradebook(out):
        result = applied(out, HEADER + "ann,q2_3,99,\n")
    assert "marks are saved" not in result.output

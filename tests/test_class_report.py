"""report.html for staff, and the class's tables for Canvas and Gradescope."""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner
from harness import ROOT, lab
from made_up_class import DETAIL, HOSTILE, MISTAKES, a_grade, write, write_class
from pages import Elements, assert_harmless, text_of

from autograder.cli import main
from autograder.grade import Grade, Student, Verdict
from autograder.gradebook.reading import Results, read_results
from autograder.gradebook.table import grades_csv
from autograder.report.lms import canvas_csv, gradescope_csv
from autograder.report.overview import mistakes, overview_page

SCRIPT = (ROOT / "autograder" / "report" / "templates" / "tables.js").read_text("utf-8")


def page_of(results: Results) -> str:
    return overview_page(results, lab())


@pytest.fixture(scope="module")
def class_(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return read_results(write_class(tmp_path_factory.mktemp("class"), 30))


@pytest.fixture(scope="module")
def page(class_: Results) -> str:
    return page_of(class_)


def test_everybody_is_in_it_and_leads_to_their_feedback(class_: Results, page: str) -> None:
    links = {unquote(a["href"] or "") for tag, a in Elements(page).found if tag == "a" and "href" in a}
    assert {link for link in links if not link.startswith("#")} == {
        f"{name}/feedback.html" for name in class_.grades
    }
    assert any("#" in name for name in class_.grades)
    ids = {f"#{attributes['id']}" for _, attributes in Elements(page).found if "id" in attributes}
    assert {link for link in links if link.startswith("#")} <= ids


def test_it_is_harmless_and_nested_right(page: str) -> None:
    assert_harmless(page, SCRIPT)
    assert "\x1b" not in page


def test_no_id_stands_twice(page: str) -> None:
    ids = Counter(attributes["id"] for _, attributes in Elements(page).found if "id" in attributes)
    assert [name for name, count in ids.items() if count > 1] == []


def test_headings_go_down_one_by_one(page: str) -> None:
    levels = [int(tag[1]) for tag, _ in Elements(page).found if tag in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_tables_have_captions_and_scopes(page: str) -> None:
    found = Elements(page).found
    assert sum(tag == "table" for tag, _ in found) == sum(tag == "caption" for tag, _ in found) > 3
    assert [attributes for tag, attributes in found if tag == "th" and "scope" not in attributes] == []


def test_difficulty_of_questions_and_checks(tmp_path: Path) -> None:
    right, wrong = a_grade("ann", right=True), a_grade("bea", seed=5)
    text = text_of(page_of(read_results(write(tmp_path, right, wrong))))
    for mine in wrong.questions:
        for check in mine.checks:
            assert check.title in text
    lost = [q for q in wrong.questions if q.verdict not in (Verdict.PASSED, Verdict.UNGRADED)]
    assert lost
    for question in lost:
        mean = 50 * (1 + question.score / question.max_score)
        assert f"{question.title} ({question.max_score:g})" in text
        assert f"{mean:.0f} % 1 of 2" in text


def test_known_mistakes_are_counted_once_a_submission(class_: Results, page: str) -> None:
    found = mistakes(class_.grades)
    counts = [len(mistake.who) for mistake in found]
    assert counts == sorted(counts, reverse=True)
    assert {mistake.name for mistake in found} == set(MISTAKES)
    for mistake in found:
        assert len(set(mistake.who)) == len(mistake.who)
        for name in mistake.who:
            checks = class_.grades[name].question(mistake.question).checks
            assert mistake.name in {check.misconception for check in checks}
    assert MISTAKES[0] in page


def test_staff_see_details_notes_and_what_is_missing(tmp_path: Path) -> None:
    ann = a_grade("ann", seed=5)
    ann = ann.model_copy(update={"notes": (f"A note {HOSTILE}.",)})
    write(tmp_path, ann)
    (tmp_path / "bea").mkdir()
    (tmp_path / "bea" / "grade.json").write_text("[]")
    (tmp_path / "grades.csv").write_text("submission,problem\ncem,cem.rar: not a zip\n")
    text = text_of(page_of(read_results(tmp_path)))
    assert "A note <script>" in text
    assert "bea: " in text
    assert "cem: cem.rar: not a zip" in text
    stopped = [q for q in ann.questions if q.verdict in (Verdict.TIMEOUT, Verdict.ERROR, Verdict.CRASHED)]
    assert stopped
    assert DETAIL in text
    assert "q2_3, q3_1, q3_2, q3_5: in no sum" in text


def test_a_class_of_which_nothing_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "bea").mkdir()
    (tmp_path / "bea" / "grade.json").write_text("[]")
    result = CliRunner().invoke(main, ["report", str(tmp_path)])
    assert result.exit_code == 2
    assert "bea/grade.json" in result.output
    assert_harmless((tmp_path / "report.html").read_text(), SCRIPT)


def test_one_submission_without_training(tmp_path: Path) -> None:
    alone = a_grade("ann").model_copy(update={"training": None})
    page = page_of(read_results(write(tmp_path, alone)))
    assert "No network was trained." in page


def test_the_same_grades_give_the_same_page(class_: Results, page: str) -> None:
    assert page_of(class_) == page


# ---- tables for other systems ------------------------------------------------------------------------


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_canvas(tmp_path: Path) -> None:
    results = read_results(write(tmp_path, a_grade("ann", right=True), a_grade("=bea")))
    header, possible, *students = table(canvas_csv(results, "Lab 6"))
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Lab 6"]
    assert (possible[0].strip(), possible[5]) == ("Points Possible", "83")
    assert [row[0] for row in students] == ["'=bea", "ann"]
    assert students[1][5] == "83"


def test_gradescope(tmp_path: Path) -> None:
    ann = a_grade("ann", right=True).with_points({"q2_3": (2.5, "")})
    results = read_results(write(tmp_path, ann))
    results.unreadable["bea"] = "not a zip"
    header, first, second = (dict(enumerate(row)) for row in table(gradescope_csv(results)))
    by_name = dict(zip(header.values(), first.values(), strict=True))
    assert (by_name["SID"], by_name["Total Score"], by_name["Max Points"]) == ("ann", "85.5", "87")
    assert by_name["q2_3: Why the Sobel pair works (4 pts)"] == "2.5"
    assert by_name["q3_1: Derive dL/dK (5 pts)"] == ""
    missing = dict(zip(header.values(), second.values(), strict=True))
    assert (missing["SID"], missing["Status"], missing["Total Score"]) == ("bea", "Missing", "")


@pytest.mark.parametrize(
    ("student", "in_canvas", "in_gradescope"),
    [
        (
            Student(id="4711", name="Ann B. Lee", platform="canvas", platform_id="4711"),
            ["Ann B. Lee", "4711", "", ""],
            ["Ann B.", "Lee", "4711", ""],
        ),
        (
            Student(id="alee", name="Ann", platform="canvas", platform_id="4711"),
            ["Ann", "4711", "", "alee"],
            ["Ann", "", "alee", ""],
        ),
        (
            Student(id="alee", name="Ann", platform="gradescope", platform_id="3031"),
            ["Ann", "", "", "alee"],
            ["Ann", "", "3031", ""],
        ),
        (
            Student(id="509", name="Ann", platform="moodle", platform_id="509"),
            ["Ann", "", "509", ""],
            ["Ann", "", "509", ""],
        ),
        (Student(id="al@x.edu", name="Ann"), ["Ann", "", "", "al@x.edu"], ["Ann", "", "", "al@x.edu"]),
        (Student(name="Ann"), ["Ann", "", "", "leeann_1"], ["Ann", "", "leeann_1", ""]),
        (Student(id="=1+1", name="@A"), ["'@A", "", "", "'=1+1"], ["'@A", "", "'=1+1", ""]),
    ],
    ids=["canvas", "canvas, roster", "gradescope, roster", "moodle", "email", "no id", "formula"],
)
def test_tables_name_students_as_the_platform_does(
    tmp_path: Path, student: Student, in_canvas: list[str], in_gradescope: list[str]
) -> None:
    grade = a_grade("leeann_1").model_copy(update={"student": student})
    results = read_results(write(tmp_path, grade))
    assert table(canvas_csv(results, "Lab 6"))[2][:4] == in_canvas
    assert table(gradescope_csv(results))[1][:4] == in_gradescope


def test_each_member_of_a_group_has_a_row(tmp_path: Path) -> None:
    members = (Student(id="jane", name="Jane Doe"), Student(id="pat", name="Pat One"))
    group = Student(id="jane+pat", name="Jane Doe and Pat One", members=members)
    results = read_results(write(tmp_path, a_grade("g").model_copy(update={"student": group})))
    assert [row[3] for row in table(canvas_csv(results, "Lab 6"))[2:]] == ["jane", "pat"]
    assert [row[:3] for row in table(gradescope_csv(results))[1:]] == [
        ["Jane", "Doe", "jane"],
        ["Pat", "One", "pat"],
    ]


def test_who_has_no_grade_keeps_the_ids(tmp_path: Path) -> None:
    write(tmp_path, a_grade("ann"))
    kim = Student(id="kim", name="Kim B", late=True, platform="canvas", platform_id="12350")
    rows: list[tuple[str, Grade | str]] = [("ann", a_grade("ann")), ("kim_12350", "not a zip")]
    (tmp_path / "grades.csv").write_text(grades_csv(rows, [], {"kim_12350": kim}))
    results = read_results(tmp_path)
    assert results.students == {"kim_12350": kim}
    assert table(canvas_csv(results, "Lab 6"))[-1] == ["Kim B", "12350", "", "kim", "", ""]
    assert table(gradescope_csv(results))[-1][:3] == ["Kim", "B", "kim"]


def test_the_column_for_canvas_has_the_name_asked_for(tmp_path: Path) -> None:
    write(tmp_path, a_grade("ann"))
    arguments = ["report", str(tmp_path), "--column", "Lab 6 (4711)"]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    assert table((tmp_path / "grades-canvas.csv").read_text())[0][5] == "Lab 6 (4711)"


def test_an_unsafe_run_is_said_to_have_no_isolation(tmp_path: Path) -> None:
    safe, unsafe = a_grade("ann"), a_grade("bea")
    isolation = ("UNSAFE: without a promise that holds", *unsafe.environment.isolation)
    environment = unsafe.environment.model_copy(update={"isolation": isolation})
    write(tmp_path, safe, unsafe.model_copy(update={"environment": environment}))
    assert CliRunner().invoke(main, ["report", str(tmp_path)]).exit_code == 0
    page = (tmp_path / "report.html").read_text()
    assert "isolation: NONE (on: UNSAFE: without a promise that holds, seccomp)" in page
    assert "isolation: FULL (on: seccomp)" in page

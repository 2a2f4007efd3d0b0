"""Feedback in each platform's own form, and who is in a table twice."""

from __future__ import annotations

import csv
import io
import json
import tarfile
import zipfile
from itertools import chain
from pathlib import Path

import platform_class as p
import pytest
from click.testing import CliRunner, Result
from handed_in import COMPLETE, foldered
from harness import lab
from made_up_class import a_grade, write

from autograder.batch import collect
from autograder.cli import main
from autograder.grade import Student
from autograder.gradebook import Gradebook, Wish
from autograder.gradebook.handover import HandedOver, handed_over, with_marks
from autograder.gradebook.names import MARKS, RETURNED
from autograder.gradebook.table import grades_csv
from autograder.report.commands import RETURNS
from autograder.report.returning import FORMS

PEOPLE = p.class_of_forty()
FEW = [one for one in PEOPLE if one.number in (0, 1, 3, 7, p.EMPTY, p.LOOSE, p.TAR)]


def graded(tmp_path: Path, layout: p.Layout) -> Path:
    """A results folder of made-up grades for what is found in a download."""
    items = collect([p.as_zip(tmp_path / "class.zip", layout)], lab(), tmp_path / "out")
    for item in items:
        if item.student and item.student.platform_id != PEOPLE[p.EMPTY].user:
            grade = a_grade(item.id, right=True).model_copy(update={"student": item.student})
            write(tmp_path / "out", grade)
    rows = [
        (item.id, "no file was handed in")
        for item in items
        if item.student and item.student.platform_id == PEOPLE[p.EMPTY].user
    ]
    (tmp_path / "out" / "grades.csv").write_text(
        grades_csv(rows, [], {item.id: item.student for item in items if item.student}), "utf-8"
    )
    return tmp_path / "out"


def report(out: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["report", str(out), *options])


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_moodle_takes_its_own_folders_and_worksheet(tmp_path: Path) -> None:
    layout = p.moodle(FEW)
    result = report(graded(tmp_path, layout), "--return", "moodle")
    assert result.exit_code == 0, result.output
    found = names(tmp_path / "out" / "return-moodle.zip")
    assert len(found) == 6
    for name in found:
        folder, _, file = name.partition("/")
        assert file == "feedback.html"
        # as Moodle takes a path apart: name, number, type and plugin, by the first four underscores
        number, kind, plugin = folder.split("_", 4)[1:4]
        assert (kind, plugin) == ("assignsubmission", "file")
        assert any(own.startswith(f"{folder}/") for own in layout), number
    rows = table(tmp_path / "out" / "grades-moodle.csv")
    named = {row["Identifier"] for row in rows}
    assert named == {f"Participant {one.user}" for one in FEW if one.number != p.EMPTY}
    assert "not for 1: no grade" in result.output


def test_canvas_takes_the_names_of_its_download(tmp_path: Path) -> None:
    layout = p.canvas(FEW)
    result = report(graded(tmp_path, layout), "--return", "canvas")
    assert result.exit_code == 0, result.output
    with zipfile.ZipFile(tmp_path / "out" / "return-canvas.zip") as archive:
        found = archive.namelist()
        assert len(found) == 6
        assert set(found) <= set(layout)
        for name in found:
            numbers = [part for part in name.split("_") if part.isdecimal()]
            assert numbers[0] in {one.user for one in FEW}
            data = archive.read(name)
            if name.endswith(".zip"):
                assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["feedback.html"]
            elif name.endswith(".tar.gz"):
                with tarfile.open(fileobj=io.BytesIO(data)) as tar:
                    assert tar.getnames() == ["feedback.html"]
            else:
                assert json.loads(data)["nbformat"] == 4


@pytest.mark.slow
def test_blackboard_brightspace_and_ilias(tmp_path: Path) -> None:
    for form, layout, ends in (
        ("blackboard", p.blackboard(FEW), "_attempt_2026-11-20-10-11-12_feedback.html"),
        ("brightspace", p.brightspace(FEW), "/feedback.html"),
        ("ilias", p.ilias(FEW), "/feedback.html"),
    ):
        place = tmp_path / form
        place.mkdir()
        result = report(graded(place, layout), "--return", form)
        assert result.exit_code == 0, result.output
        found = names(place / "out" / f"return-{form}.zip")
        assert len(found) in (6, 7)
        assert all(name.endswith(ends) for name in found)
        handed = [
            name.removeprefix("multi_feedback/").removesuffix("/feedback.html").removesuffix("_feedback.html")
            for name in found
        ]
        assert all(any(one in name for name in layout) for one in handed)
    rows = table(tmp_path / "blackboard" / "out" / "grades-blackboard.csv")
    assert {row["Username"] for row in rows} >= {"u1", "u3"}
    assert all("Score: " in row["Feedback to Learner"] for row in rows)


def test_mail_merge_has_a_row_for_each_member(tmp_path: Path) -> None:
    layout = p.gradescope(FEW)
    result = report(graded(tmp_path, layout), "--return", "mail")
    assert result.exit_code == 0, result.output
    rows = table(tmp_path / "out" / "return-mail" / "mail.csv")
    assert len(rows) == 6
    assert all((tmp_path / "out" / "return-mail" / row["attachment"]).is_file() for row in rows)


def test_marks_for_gradescope_count_for_the_same_work_only(tmp_path: Path) -> None:
    out = graded(tmp_path, p.gradescope(FEW))
    grade = a_grade("x", right=True)
    question = next(q for q in grade.questions if q.written and q.answer)
    marked = grade.with_points({question.id: (1.5, "good")})
    given = handed_over(marked)
    assert with_marks(grade, given).question(question.id).score == 1.5
    other = grade.with_results(
        [q.model_copy(update={"answer": "another"}) if q.id == question.id else q for q in grade.questions]
    )
    assert with_marks(other, given).score == other.score
    result = report(out, "--return", "gradescope")
    assert result.exit_code == 0, result.output
    text = (out / "return-gradescope" / "marks.json").read_text("utf-8")
    assert HandedOver.model_validate_json(text).submissions == {}


def test_a_person_twice_is_in_no_table(tmp_path: Path) -> None:
    out = graded(tmp_path, p.moodle(FEW))
    first, second = [a_grade(name) for name in ("one", "two")]
    student = next(item for item in collect([tmp_path / "class.zip"], lab(), out) if item.student).student
    write(out, *(grade.model_copy(update={"student": student}) for grade in (first, second)))
    (out / "grades-canvas.csv").unlink(missing_ok=True)
    result = report(out, "--return", "moodle")
    assert result.exit_code == 2
    assert "3 hand-ins that count" in result.output
    assert "withdraw all but one" in result.output
    assert not (out / "grades-canvas.csv").exists()
    assert not (out / "return-moodle.zip").exists()
    assert (out / "report.html").exists()


BY_CANVAS = Student(id="s1", name="Jane", platform="canvas", platform_id="9001")
BY_MAIL = Student(id="s1", name="Jane")


@pytest.mark.parametrize(
    "other", [BY_MAIL, BY_MAIL.model_copy(update={"platform": "moodle", "platform_id": "7"})]
)
def test_a_person_whom_a_roster_joins_is_in_no_table_twice(tmp_path: Path, other: Student) -> None:
    """Handed in on the platform and by mail: an import of both rows would keep the points of either."""
    by_person = [("one", BY_CANVAS), ("two", other)]
    write(
        foldered(tmp_path / "out", {}), *(a_grade(n).model_copy(update={"student": s}) for n, s in by_person)
    )
    result = report(tmp_path / "out", "--return", "canvas")
    assert result.exit_code == 2
    assert "s1 has 2 hand-ins that count (one, two)" in result.output
    assert not (tmp_path / "out" / "grades-canvas.csv").exists()


def test_the_same_number_on_two_platforms_is_two_people(tmp_path: Path) -> None:
    jane = Student(id="9001", name="Jane", platform="canvas", platform_id="9001")
    max_ = Student(id="9001", name="Max", platform="moodle", platform_id="9001")
    by_person = [("one", jane), ("two", max_)]
    write(
        foldered(tmp_path / "out", {}), *(a_grade(n).model_copy(update={"student": s}) for n, s in by_person)
    )
    assert report(tmp_path / "out").exit_code == 0


def test_a_hand_in_by_mail_that_counts_has_the_platforms_number(tmp_path: Path) -> None:
    out = write(
        foldered(tmp_path / "out", {}),
        a_grade("one").model_copy(update={"student": BY_CANVAS, "aside": "another hand-in counts: two"}),
        a_grade("two").model_copy(update={"student": BY_MAIL}),
    )
    book = Gradebook(out)
    book.mark([Wish("two", kind="count", points=1)], "Eva")
    assert report(out).exit_code == 0
    (row,) = table(out / "grades-canvas.csv")[1:]
    assert (row["ID"], row["SIS Login ID"]) == ("9001", "s1")


def test_pages_are_for_people(tmp_path: Path) -> None:
    out = graded(tmp_path, p.moodle(FEW))
    assert report(out).exit_code == 0
    pages = [page.read_text("utf-8") for page in out.glob("*/feedback.html")]
    assert sum("<h1>محمد علي</h1>" in page for page in pages) == 1
    assert not any("assignsubmission" in page for page in pages)


def test_no_name_of_a_hand_in_can_end_the_report(tmp_path: Path) -> None:
    everything = [part for form in FORMS for part in ("--return", form)]
    out = graded(tmp_path, p.moodle(FEW))
    assert report(out, *everything).exit_code == 0
    written = [path.name for path in out.iterdir() if not (path / "grade.json").exists()]
    written = [name for name in written if not name.startswith(".")]
    assert {*chain(*RETURNED.values())} <= {*written}
    databases = [f"{MARKS}{end}" for end in ("", "-journal", "-wal", "-shm")]
    layout: p.Layout = {f"{name}.zip": p.packed(COMPLETE) for name in {*written, *databases}}
    assert len(layout) > 15
    other = tmp_path / "other"
    for item in collect([p.as_folder(tmp_path / "named", layout)], lab(), other):
        write(other, a_grade(item.id))
    result = report(other, *everything)
    assert result.exit_code == 0, result.output
    assert len(list(other.glob("*/feedback.html"))) == len(layout)
    assert {path.name for path in out.iterdir() if path.is_file()} <= {path.name for path in other.iterdir()}


def test_a_page_under_a_name_that_a_hand_in_may_have_is_a_fault_of_convlab(tmp_path: Path) -> None:
    with Gradebook(tmp_path) as book, pytest.raises(RuntimeError, match=r"gradebook/names\.py"):
        book.write_pages({"new.html": ""})


def test_every_form_has_its_names() -> None:
    assert list(FORMS) == list(RETURNS) == list(RETURNED)


@pytest.mark.parametrize("form", ["moodle", "canvas", "ilias"])
def test_what_is_of_another_platform_is_left_out_by_name(tmp_path: Path, form: str) -> None:
    write(foldered(tmp_path / "out", {}), a_grade("ann"))
    result = report(tmp_path / "out", "--return", form)
    assert result.exit_code == 0, result.output
    assert f"not for 1: not from {form.capitalize()}'s download (ann)" in result.output


def test_gradescopes_container_adds_the_marks_of_its_submission(tmp_path: Path) -> None:
    from autograder.otter.gradescope import _with_marks
    from autograder.otter.isolated import GraderFault

    grade = a_grade("x", right=True)
    question = next(q for q in grade.questions if q.written and q.answer)
    given = handed_over(grade.with_points({question.id: (1.5, "good")}))
    marks = HandedOver(assignment=lab().name, submissions={"submission_7": given}).model_dump_json(
        by_alias=True
    )
    foldered(tmp_path, {"source/marks.json": marks.encode(), "submission_metadata.json": b'{"id": 7}'})
    assert _with_marks(grade, tmp_path).question(question.id).score == 1.5
    (tmp_path / "submission_metadata.json").write_text('{"id": 8}')
    assert _with_marks(grade, tmp_path) == grade
    (tmp_path / "source" / "marks.json").write_text("{")
    with pytest.raises(GraderFault, match=r"marks\.json"):
        _with_marks(grade, tmp_path)


def test_moodles_worksheet_has_people_only(tmp_path: Path) -> None:
    files: p.Layout = {
        "Team 3_777_assignsubmission_file_/lab06.zip": p.packed(COMPLETE),
        "Team 4-Jane Doe_778_assignsubmission_file_/lab06.zip": p.packed(COMPLETE),
        "Ann Lee_779_assignsubmission_file_/lab06.zip": p.packed(COMPLETE),
    }
    result = report(graded(tmp_path, files), "--return", "moodle")
    rows = table(tmp_path / "out" / "grades-moodle.csv")
    assert {row["Identifier"] for row in rows} == {"Participant 778", "Participant 779"}
    assert "not for 1: a team: its page goes back, its points do not" in result.output
    assert len(names(tmp_path / "out" / "return-moodle.zip")) == 3


def test_feedback_of_a_download_without_folders_goes_into_the_persons_folder(tmp_path: Path) -> None:
    files: p.Layout = {f"Ann Lee_{n}_assignsubmission_file_lab06.zip": p.packed(COMPLETE) for n in (1, 2)}
    report(graded(tmp_path, files), "--return", "moodle")
    found = names(tmp_path / "out" / "return-moodle.zip")
    assert found == [f"Ann Lee_{n}_assignsubmission_file_/feedback.html" for n in (1, 2)]

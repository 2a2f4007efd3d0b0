"""One results folder over many runs: the class stays whole, and marks stay with whom they were given."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Collection
from pathlib import Path

import pytest
from click.testing import CliRunner
from handed_in import COMPLETE, foldered, zipped
from harness import lab
from platform_class import packed
from scripted import Scripted, grade_quickly

from autograder.batch import commands
from autograder.cli import main
from autograder.grade import Grade
from autograder.gradebook import Gradebook
from autograder.submission import Submission


def table(out: Path, name: str = "grades.csv") -> list[dict[str, str]]:
    with (out / name).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def names(out: Path) -> list[str]:
    return [row["submission"] for row in table(out)]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """`convlab grade` runs nothing: everyone has full marks for the code at once."""

    class Here(Scripted):
        def verify(self) -> None:
            pass

        def grade(self, submission: Submission, questions: Collection[str] | None = None) -> Grade:
            found = super().grade(submission, questions)
            given = [
                q.model_copy(update={"answer": submission.answers.get(q.id, "")}) for q in found.questions
            ]
            return found.model_copy(update={"questions": tuple(given)})

        def __enter__(self) -> Here:
            return self

    monkeypatch.setattr(commands, "_grader", lambda lab, options: Here(options))
    monkeypatch.setattr(commands, "_lanes", _in_process)


def _in_process(request: object, grader: Scripted, items: int) -> object:
    from contextlib import nullcontext

    from autograder.batch.lanes import Here

    return nullcontext([Here(grader)])


def convlab(*arguments: object, status: int = 0) -> str:
    result = CliRunner().invoke(main, [*map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == status, result.output
    return " ".join(result.output.split())


# ---- the class stays whole -----------------------------------------------------------------------------


MOODLE = {
    "Ann Lee_1_assignsubmission_file_/lab06.zip": packed(COMPLETE),
    "Bea Kim_2_assignsubmission_file_/lab06.zip": b"no zip",
    "Cem Oz_3_assignsubmission_file_/lab06.zip": packed({**COMPLETE, "model.py": b"# cem"}),
}
LATE = "Dan Ray_4_assignsubmission_file_"


def test_a_late_zip_takes_no_one_out_of_the_tables(tmp_path: Path) -> None:
    out = tmp_path / "out"
    grade_quickly(out, foldered(tmp_path / "class", MOODLE))
    assert names(out) == ["Ann Lee_1", "Bea Kim_2", "Cem Oz_3"]
    zipped(tmp_path / "dan.zip", COMPLETE)
    grade_quickly(out, tmp_path / "dan.zip")
    assert names(out) == ["Ann Lee_1", "Bea Kim_2", "Cem Oz_3", "dan"]
    bea = next(row for row in table(out) if row["submission"] == "Bea Kim_2")
    assert "not a readable zip" in bea["problem"]
    assert (bea["name"], bea["platform id"], bea["score"]) == ("Bea Kim", "2", "")
    before = (out / "grades.csv").read_text()
    with Gradebook(out, lab()) as book:
        results = book.renewed()
    assert list(results.unreadable) == ["Bea Kim_2"]
    assert results.students["Bea Kim_2"].platform_id == "2"
    assert (out / "grades.csv").read_text() == before


def test_who_is_graded_later_leaves_the_list(tmp_path: Path) -> None:
    out = tmp_path / "out"
    grade_quickly(out, foldered(tmp_path / "class", MOODLE))
    again = {"Bea Kim_2_assignsubmission_file_/lab06.zip": packed(COMPLETE)}
    again[f"{LATE}/lab06.zip"] = b"no zip"
    grade_quickly(out, foldered(tmp_path / "again", again))
    problems = {row["submission"]: bool(row["problem"]) for row in table(out)}
    assert problems == {"Ann Lee_1": False, "Bea Kim_2": False, "Cem Oz_3": False, "Dan Ray_4": True}
    assert not (out / "Bea Kim_2" / "ungraded.json").exists()
    # the same person under another row's name
    named = {"Dan R._4_assignsubmission_file_/lab06.zip": packed(COMPLETE)}
    grade_quickly(out, foldered(tmp_path / "third", {**named, **again}))
    grade_quickly(out, foldered(tmp_path / "fourth", named))
    assert "Dan Ray_4" not in names(out)


def test_a_run_that_is_stopped_leaves_the_whole_class_in_the_table(tmp_path: Path) -> None:
    out, place = tmp_path / "out", foldered(tmp_path / "class", MOODLE)
    grade_quickly(out, place)
    from autograder.batch import collect, grade_all

    run = grade_all(collect([place], lab(), out), Scripted(), out, again=True)
    next(run)
    assert names(out) == ["Ann Lee_1", "Bea Kim_2", "Cem Oz_3"]
    run.close()  # type: ignore[attr-defined]
    assert names(out) == ["Ann Lee_1", "Bea Kim_2", "Cem Oz_3"]


def test_who_has_no_grade_can_be_taken_out(tmp_path: Path) -> None:
    out = tmp_path / "out"
    grade_quickly(out, foldered(tmp_path / "class", MOODLE))
    convlab("marks", "drop", out, "Bea Kim_2", "--reason", "left the course")
    assert names(out) == ["Ann Lee_1", "Cem Oz_3"]
    convlab("marks", "drop", out, "Bea Kim_2", "--withdraw")
    assert names(out) == ["Ann Lee_1", "Bea Kim_2", "Cem Oz_3"]


# ---- the same hand-in under another id -------------------------------------------------------------------


def blackboard(*users: str, when: str = "10-11-12") -> dict[str, bytes]:
    return {
        f"Lab_6_s_{user}_attempt_2026-11-20-{when}_lab06.zip": packed({**COMPLETE, "model.py": user.encode()})
        for user in users
    }


ROSTER = "id,student,name\ns_1,s_1,Ann Lee\ns_2,s_2,Bea Kim\n"
RECEIPTS = {
    f"Lab_6_s_{n}_attempt_2026-11-20-10-11-12.txt": f"Name: Person {n} (s_{n})\n".encode() for n in "12"
}


@pytest.fixture
def graded(tmp_path: Path, quick: None) -> Path:
    """A download from Blackboard without receipts, with marks of one row."""
    out = tmp_path / "out"
    zipped(tmp_path / "bb.zip", blackboard("1", "2"))
    convlab("grade", tmp_path / "bb.zip", "--out", out)
    assert names(out) == ["Lab_6_s_1", "Lab_6_s_2"]
    convlab("marks", "set", out, "Lab_6_s_1", "q2_3", "2", "--as", "Eva")
    convlab("marks", "bonus", out, "Lab_6_s_1", "3", "--reason", "a slip", "--as", "Eva")
    return out


def score(out: Path, name: str) -> float:
    grade = Gradebook(out, lab()).grade(name)
    assert grade is not None
    return grade.score


@pytest.mark.parametrize("how", ["roster", "receipts", "a later attempt"])
def test_marks_go_with_a_row_that_gets_another_id(tmp_path: Path, graded: Path, how: str) -> None:
    before = score(graded, "Lab_6_s_1")
    more: list[object] = []
    files = blackboard("1", "2") | (RECEIPTS if how == "receipts" else {})
    if how != "receipts":
        (tmp_path / "roster.csv").write_text(ROSTER)
        more = ["--roster", tmp_path / "roster.csv"]
    if how == "a later attempt":
        files = blackboard("1", "2", when="12-00-00")
    place = zipped(tmp_path / "again.zip", files)
    told = convlab("grade", place, "--out", graded, *more)
    new = next(name for name in names(graded) if name.endswith("s_1"))
    assert names(graded) == sorted([new, new.replace("1", "2").replace("Ann Lee", "Bea Kim")])
    assert not (graded / "Lab_6_s_1").exists()
    assert score(graded, new) == before
    assert f"Lab_6_s_1 is {new} now (the same hand-in, Lab_6_s_1" in told
    assert "with 2 marks" in told
    log = convlab("marks", "log", graded)
    assert re.search(rf"\* \w+ {new} q2_3 2 by Eva on", log)
    assert re.search(rf"Lab_6_s_1 q2_3 moved to {new} by \S+ on .*: the same hand-in", log)
    convlab("report", graded)
    report = (graded / "report.html").read_text()
    assert "Lab_6_s_1" not in report
    # and once more changes nothing
    rows = len(Gradebook(graded).marks().marks)
    assert "now (" not in convlab("grade", place, "--out", graded, *more)
    assert len(Gradebook(graded).marks().marks) == rows


@pytest.mark.parametrize("platform", ["none", "moodle"])
@pytest.mark.parametrize("again", [COMPLETE["model.py"], b"# better"])
def test_a_name_that_unicode_writes_in_another_way_is_the_same_row(
    tmp_path: Path, quick: None, platform: str, again: bytes
) -> None:
    out, end = tmp_path / "out", "_1003_assignsubmission_file_" if platform == "moodle" else ""
    composed = unicodedata.normalize("NFC", "Jörg Müller")
    apart = unicodedata.normalize("NFD", composed)
    for form, model in ((composed, COMPLETE["model.py"]), (apart, again)):
        name = form + end
        layout = {f"{name}/{file}": text for file, text in {**COMPLETE, "model.py": model}.items()}
        others = {
            f"{who}{end}/{file}": text for who in ("Ann", "Bo", "Cy") for file, text in COMPLETE.items()
        }
        if end:
            others = {name.replace("_1003", f"_{ord(name[0])}"): text for name, text in others.items()}
        told = convlab(
            "grade", zipped(tmp_path / f"class-{len(form)}.zip", {**layout, **others}), "--out", out
        )
        assert " now" not in told
        assert len(names(out)) == 4
        if form == composed:
            (row,) = [name for name in names(out) if name.startswith(form)]
            convlab("marks", "bonus", out, row, "3", "--reason", "a slip", "--as", "Eva")
    (row,) = [name for name in names(out) if name.startswith(apart)]
    grade = Gradebook(out, lab()).grade(row)
    assert grade is not None
    assert [one.points for one in grade.adjustments] == [3]


def test_where_a_file_system_takes_two_names_for_one_nothing_is_removed(tmp_path: Path) -> None:
    grade_quickly(tmp_path / "out", foldered(tmp_path / "class", MOODLE))
    name = "Ann Lee_1"
    (tmp_path / "out" / "the same").symlink_to(tmp_path / "out" / name)
    with Gradebook(tmp_path / "out") as book:
        book.carry(name, "the same", "Eva", "the same name")
    assert (tmp_path / "out" / name / "grade.json").is_file()


def test_an_id_that_was_settled_stays_known_without_the_roster(tmp_path: Path, graded: Path) -> None:
    before = score(graded, "Lab_6_s_1")
    (tmp_path / "roster.csv").write_text(ROSTER)
    convlab("grade", tmp_path / "bb.zip", "--out", graded, "--roster", tmp_path / "roster.csv")
    convlab("grade", tmp_path / "bb.zip", "--out", graded)
    assert {row["student"]: row["name"] for row in table(graded)} == {"s_1": "Ann Lee", "s_2": "Bea Kim"}
    assert score(graded, "Lab_6_s_1") == before
    convlab("grade", tmp_path / "bb.zip", "--out", graded, "--roster", tmp_path / "roster.csv")
    assert len(names(graded)) == 2
    (new,) = [name for name in names(graded) if name.endswith("s_1")]
    assert score(graded, new) == before


def test_a_folder_that_an_earlier_convlab_split_is_joined(tmp_path: Path, graded: Path) -> None:
    before = score(graded, "Lab_6_s_1")
    zipped(tmp_path / "new.zip", blackboard("1", "2") | RECEIPTS)
    convlab("grade", tmp_path / "new.zip", "--out", tmp_path / "other")
    for name in names(tmp_path / "other"):
        (tmp_path / "other" / name).rename(graded / name)
    convlab("grade", tmp_path / "new.zip", "--out", graded)
    assert names(graded) == ["Person 1_s_1", "Person 2_s_2"]
    assert score(graded, "Person 1_s_1") == before


def test_two_that_can_be_the_same_are_named_and_both_kept(tmp_path: Path, graded: Path) -> None:
    zipped(tmp_path / "new.zip", blackboard("1", "2") | RECEIPTS)
    convlab("grade", tmp_path / "new.zip", "--out", tmp_path / "other")
    (tmp_path / "other" / "Person 1_s_1").rename(graded / "Ann Lee_s_1")
    text = (graded / "Ann Lee_s_1" / "grade.json").read_text().replace('"Person 1_s_1"', '"Ann Lee_s_1"')
    (graded / "Ann Lee_s_1" / "grade.json").write_text(text)
    told = convlab("grade", tmp_path / "new.zip", "--out", graded)
    assert "not certain whether Ann Lee_s_1 or Lab_6_s_1 of an earlier run is Person 1_s_1 now" in told
    assert {"Ann Lee_s_1", "Lab_6_s_1", "Person 1_s_1"} < set(names(graded))
    assert "Marked, but not in this download: Lab_6_s_1" in told
    told = convlab("report", graded, status=2)
    assert "Marked, but not in what was graded last: Lab_6_s_1" in told
    assert "Marked, but not in what was graded last: Lab_6_s_1" in (graded / "report.html").read_text()
    told = convlab("marks", "move", graded, "Lab_6_s_1", "Person 1_s_1", "--reason", "she told me")
    assert "Lab_6_s_1 is Person 1_s_1 now, with 2 marks" in told
    assert "Lab_6_s_1" not in names(graded)
    grade = Gradebook(graded, lab()).grade("Person 1_s_1")
    assert grade is not None
    assert grade.question("q2_3").score == 2


def test_marks_that_are_merged_later_follow(tmp_path: Path, graded: Path) -> None:
    convlab("marks", "export", graded, tmp_path / "old.jsonl")
    convlab("marks", "set", graded, "Lab_6_s_1", "q3_1", "1", "--as", "Max")
    convlab("marks", "export", graded, tmp_path / "more.jsonl")
    zipped(tmp_path / "new.zip", blackboard("1", "2") | RECEIPTS)
    other = tmp_path / "other"
    convlab("grade", tmp_path / "bb.zip", "--out", other)
    convlab("marks", "merge", other, tmp_path / "old.jsonl")
    convlab("grade", tmp_path / "new.zip", "--out", other)
    convlab("marks", "merge", other, tmp_path / "more.jsonl")
    grade = Gradebook(other, lab()).grade("Person 1_s_1")
    assert grade is not None
    assert (grade.question("q2_3").score, grade.question("q3_1").score) == (2, 1)
    assert not Gradebook(other).marks().conflicts()


def test_who_is_not_in_the_download_is_named(tmp_path: Path, graded: Path) -> None:
    convlab("marks", "bonus", graded, "Lab_6_s_2", "1", "--reason", "a slip")
    zipped(tmp_path / "others.zip", blackboard("1", "3"))
    told = convlab("grade", tmp_path / "others.zip", "--out", graded)
    assert "Marked, but not in this download: Lab_6_s_2; their rows and marks are kept." in told
    assert names(graded) == ["Lab_6_s_1", "Lab_6_s_2", "Lab_6_s_3"]
    assert "graded last: Lab_6_s_2" in convlab("report", graded)
    assert "graded last" not in convlab("grade", tmp_path / "bb.zip", "--out", graded)
    assert "graded last" not in convlab("report", graded)


SUBMITTED = """---
submission_101:
  :submitters:
  - :name: Jane Doe
    :sid: '3031'
    :email: jane@example.edu
submission_102:
  :submitters:
  - :name: Pat One
    :sid: {sid}
    :email: pat@example.edu
"""


def test_a_sid_that_is_filled_in_later(tmp_path: Path, quick: None) -> None:
    out = tmp_path / "out"
    files = {f"export/submission_10{n}/{name}": text for n in (1, 2) for name, text in COMPLETE.items()}
    meta = "export/submission_metadata.yml"
    zipped(tmp_path / "a.zip", {**files, meta: SUBMITTED.format(sid="''").encode()})
    zipped(tmp_path / "b.zip", {**files, meta: SUBMITTED.format(sid="'3032'").encode()})
    convlab("grade", tmp_path / "a.zip", "--out", out)
    (old,) = [name for name in names(out) if "Pat" in name]
    convlab("marks", "set", out, old, "q2_3", "1.5", "--as", "Eva")
    convlab("marks", "extend", out, "pat@example.edu", "2", "--reason", "ill")
    told = convlab("grade", tmp_path / "b.zip", "--out", out)
    assert names(out) == ["Jane Doe_3031", "Pat One_3032"]
    assert f"{old} is Pat One_3032 now (the same hand-in, submission_102), with 1 mark" in told
    grade = Gradebook(out, lab()).grade("Pat One_3032")
    assert grade is not None
    assert grade.question("q2_3").score == 1.5
    assert Gradebook(out).marks().fact("extension", "3032") is not None
    assert "without a row" not in told


def test_the_same_work_elsewhere_is_not_the_same_person(tmp_path: Path, quick: None) -> None:
    out = tmp_path / "out"
    foldered(tmp_path / "class", {"ann.zip": packed(COMPLETE), "bea.zip": packed({"model.py": b"1"})})
    convlab("grade", tmp_path / "class", "--out", out)
    convlab("marks", "set", out, "ann", "q2_3", "2")
    zipped(tmp_path / "zed.zip", COMPLETE)
    told = convlab("grade", tmp_path / "zed.zip", "--out", out)
    assert names(out) == ["ann", "bea", "zed"]
    assert "not certain whether ann of an earlier run is zed now" in told
    # but a file that was renamed where it was is the same
    (tmp_path / "class" / "ann.zip").rename(tmp_path / "class" / "Ann Lee.zip")
    assert "ann is Ann Lee now" not in convlab("grade", tmp_path / "class", "--out", out)
    convlab("grade", tmp_path / "class", "--out", tmp_path / "fresh")


def test_a_file_that_was_renamed_where_it_was(tmp_path: Path, quick: None) -> None:
    out = tmp_path / "out"
    foldered(tmp_path / "class", {"ann.zip": packed(COMPLETE), "bea.zip": packed({"model.py": b"1"})})
    convlab("grade", tmp_path / "class", "--out", out)
    convlab("marks", "set", out, "ann", "q2_3", "2")
    (tmp_path / "class" / "ann.zip").rename(tmp_path / "class" / "Ann Lee.zip")
    told = convlab("grade", tmp_path / "class", "--out", out)
    assert "ann is Ann Lee now (the same work in the same place), with 1 mark" in told
    assert names(out) == ["Ann Lee", "bea"]


def test_a_name_that_is_no_text_can_be_kept(tmp_path: Path) -> None:
    out = tmp_path / "out"
    foldered(tmp_path / "class", {"ann.zip": packed(COMPLETE), "bea.zip": b"no zip"})
    (tmp_path / "class" / "bea.zip").rename(tmp_path / "class" / "be\udcffa.zip")
    rows = grade_quickly(out, tmp_path / "class")
    (name,) = [name for name, result in rows.items() if isinstance(result, str)]
    assert name in names(out)
    assert names(out) == sorted(rows)


def test_a_person_who_is_called_otherwise_now(tmp_path: Path, quick: None) -> None:
    out = tmp_path / "out"
    folder = "{}_assignsubmission_file_/lab06.zip"
    files = {folder.format("Jane Doe_1"): packed(COMPLETE), folder.format("Bea Kim_2"): packed(COMPLETE)}
    convlab("grade", foldered(tmp_path / "a", files), "--out", out)
    convlab("marks", "set", out, "Jane Doe_1", "q2_3", "2")
    files = {folder.format("Jane Roe_1"): packed({**COMPLETE, "model.py": b"# new"}), **files}
    del files[folder.format("Jane Doe_1")]
    told = convlab("grade", foldered(tmp_path / "b", files), "--out", out)
    assert "Jane Doe_1 is Jane Roe_1 now (the same person, 1), with 1 mark" in told
    assert names(out) == ["Bea Kim_2", "Jane Roe_1"]
    grade = Gradebook(out, lab()).grade("Jane Roe_1")
    assert grade is not None
    assert grade.question("q2_3").score == 2


# ---- what people decided stays decided, and is told --------------------------------------------------------


def test_what_was_withdrawn_stays_out_of_every_table(tmp_path: Path, quick: None) -> None:
    folder, out = tmp_path / "class", tmp_path / "out"
    folder.mkdir()
    for name in ("ann", "bob", "cy"):
        zipped(folder / f"{name}.zip", {**COMPLETE, "model.py": name.encode()})
    (folder / "fritz.rar").write_bytes(b"Rar!")
    convlab("grade", folder, "--out", out, status=2)
    convlab("marks", "drop", out, "fritz.rar", "--reason", "is no hand-in")
    convlab("marks", "drop", out, "bob", "--reason", "left the course")
    told = convlab("grade", folder, "--out", out)
    assert names(out) == ["ann", "cy"]
    assert "2 of 2 have a grade" in told
    assert "withdrawn by you, and in no table: bob, fritz.rar" in told
    convlab("marks", "drop", out, "fritz.rar", "--withdraw")
    assert "no grade: fritz.rar" in convlab("grade", folder, "--out", out, status=2)


def test_marks_of_a_hand_in_that_cannot_be_read_now_are_told(tmp_path: Path, quick: None) -> None:
    folder, out = tmp_path / "class", tmp_path / "out"
    folder.mkdir()
    for name in ("ann", "bob"):
        zipped(folder / f"{name}.zip", COMPLETE)
    convlab("grade", folder, "--out", out)
    convlab("marks", "set", out, "ann", "q2_3", "2")
    (folder / "ann.zip").write_bytes(b"no zip")
    told = convlab("grade", folder, "--out", out, status=2)
    assert "1 mark no longer counts: ann q2_3 (what is handed in now has no grade)" in told
    assert "To be marked again: ann q2_3" in convlab("marks", "log", out)
    zipped(folder / "ann.zip", COMPLETE)
    assert "no longer counts" not in convlab("grade", folder, "--out", out)


def test_two_hand_ins_of_a_person_that_have_results_stay_two(tmp_path: Path, quick: None) -> None:
    """One is not taken for the other when only one of them is graded again."""
    both = {"old": "zoe_9001_77001_lab06.zip", "new": "zoemarried_9001_88001_lab06.zip"}
    for place, name in both.items():
        (tmp_path / place).mkdir()
        zipped(tmp_path / place / name, {**COMPLETE, "model.py": place.encode()})
    out = tmp_path / "out"
    convlab("grade", tmp_path / "old", tmp_path / "new", "--out", out)
    assert len(names(out)) == 2
    for name in names(out):
        convlab("marks", "bonus", out, name, "1", "--reason", "x")
    convlab("grade", tmp_path / "new", "--out", out)
    assert len(names(out)) == 2
    assert len([line for line in Gradebook(out).marks().marks if line.kind == "bonus"]) == 2

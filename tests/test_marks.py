"""`convlab marks`: what people decide about submissions, listed, undone, merged; and the grades."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from harness import ROOT, lab
from made_up_class import a_grade, write

from autograder.cli import main
from autograder.grade import Grade, Student
from autograder.gradebook import Gradebook, Wish
from autograder.lab import LateRule


def marks(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["marks", *map(str, arguments)])


def done(*arguments: object) -> str:
    result = marks(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


def of(out: Path, name: str) -> Grade:
    return Grade.model_validate_json((out / name / "grade.json").read_bytes())


def by(name: str, student: str, **more: object) -> Grade:
    who = Student.model_validate({"id": student, **more})
    return a_grade(name, right=True).model_copy(update={"student": who})


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return write(tmp_path / "out", *(a_grade(name, right=True) for name in ("ann", "bea", "cem")))


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Run commands for a lab with more settings."""

    def with_settings(text: str) -> None:
        root = tmp_path / "lab"
        (root / "assignment").mkdir(parents=True)
        toml = (ROOT / "assignment" / "assignment.toml").read_text()
        (root / "assignment" / "assignment.toml").write_text(toml.replace("[facts]", f"{text}\n[facts]", 1))
        monkeypatch.setenv("CONVLAB_ROOT", str(root))

    return with_settings


def table(out: Path) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO((out / "grades.csv").read_text()))
    return {row["submission"]: row for row in rows}


# ---- overriding, bonus -------------------------------------------------------------------------------


def test_an_override_and_its_way_back(out: Path) -> None:
    before = of(out, "ann")
    assert "ann q2_2 8 by " in done("set", out, "ann", "q2_2", "8", "--reason", "Loop in the helper.")
    after = of(out, "ann")
    assert after.score == before.score - 2
    assert table(out)["ann"]["q2_2"] == "8"
    results = json.loads((out / "ann" / "results.json").read_text())
    row = next(test for test in results["tests"] if test["number"] == "q2_2")
    assert row["score"] == 8
    assert "Loop in the helper" in row["output"]
    assert sum(test.get("score", 0) for test in results["tests"]) == results["score"] == after.score
    done("set", out, "ann", "q2_2", "--withdraw")
    assert of(out, "ann") == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("set OUT ann q2_2 8", "--reason: say why"),
        ("set OUT ann q2_2 11 --reason x", "11 is not between 0 and the maximum, 10"),
        ("set OUT ann q9_9 1 --reason x", "q9_9: unknown question; choose from q1_1"),
        ("set OUT an q2_2 1 --reason x", "no submission 'an' has a grade; did you mean ann?"),
        ("set OUT ann q2_2 many --reason x", "'many' is not a number"),
        ("set OUT ann q2_2 --reason x", "give a number, or --withdraw"),
        ("extend OUT ann -1", "days are 0 or more"),
        ("drop OUT ann", "--reason: say why"),
        ("bonus OUT ann 2", "--reason: say why"),
        ("undo OUT --as Zoe", "there is no mark of Zoe to undo"),
        ("undo OUT --id abc", "0 marks have this id"),
        ("merge OUT nowhere", "cannot be read"),
    ],
)
def test_what_cannot_be_decided(out: Path, words: str, said: str) -> None:
    result = marks(*(str(out) if word == "OUT" else word for word in words.split()))
    assert result.exit_code == 2
    assert said in result.output
    assert not Gradebook(out).marks().marks


def test_a_student_is_named_by_their_id_too(tmp_path: Path) -> None:
    out = write(tmp_path / "out", by("Ann_7", "7"), by("bea-1", "8"), by("bea-2", "8"), by("x", ""))
    assert "Ann_7: 81 of 83" in done("set", out, "7", "q2_2", "8", "--reason", "a slip")
    assert "Ann_7 bonus 1 by" in done("bonus", out, "7", "1", "--reason", "a slip")
    result = marks("bonus", out, "8", "1", "--reason", "a slip")
    assert (result.exit_code, "8 has 2 hand-ins (bea-1, bea-2); name one" in result.output) == (2, True)
    assert marks("bonus", out, "", "1", "--reason", "a slip").exit_code == 2


def test_taking_back_needs_no_reason(out: Path) -> None:
    done("bonus", out, "ann", "2", "--reason", "a slip")
    assert "ann bonus taken back by" in done("bonus", out, "ann", "--withdraw")
    assert "bea withdrawn by" in done("drop", out, "bea", "--reason", "left")
    assert "bea withdrawn taken back by" in done("drop", out, "bea", "--withdraw")
    assert "ann counts by" in done("choose", out, "ann")


def test_a_bonus_goes_beyond_the_maximum_and_a_deduction_below(out: Path) -> None:
    before = of(out, "ann")
    done("bonus", out, "ann", "2.5", "--reason", "Found a slip in the lab.")
    assert of(out, "ann").score == before.score + 2.5
    done("bonus", out, "ann", "-3", "--reason", "No names in the files.")
    assert of(out, "ann").score == before.score - 3
    assert table(out)["ann"]["score"] == f"{before.score - 3:g}"
    done("bonus", out, "ann", "-999", "--reason", "x")
    assert of(out, "ann").score == 0
    done("bonus", out, "ann", "--withdraw", "--reason", "")
    assert of(out, "ann").score == before.score


# ---- lateness ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "extension", "kept"),
    [(0, 0, 1), (2, 0, 1), (2.01, 0, 0.9), (3, 0, 0.9), (4, 1, 0.9), (4, 2, 1), (6, 0, 0.6), (50, 0, 0.6)],
)
def test_the_rule(days: float, extension: float, kept: float) -> None:
    assert LateRule(free_days=2, percent_per_day=10, floor=60).kept(days, extension) == pytest.approx(kept)


RULE = "[late]\nfree_days = 1\npercent_per_day = 10\nfloor = 50\n"


def test_lateness_extension_and_the_platforms_word(rules: Callable[[str], None], tmp_path: Path) -> None:
    rules(RULE)
    late = {"late": True}
    grades = [by("ann", "7", **late, late_days=3), by("bea", "8", **late), by("cem", "9")]
    out = write(tmp_path / "out", *grades)
    full = grades[0].score
    assert "Late, but by how much is not known: bea;" in done("log", out)
    done("late", out, "bea", "2", "--reason", "by mail")
    done("extend", out, "7", "1", "--reason", "ill")
    assert [of(out, name).score for name in ("ann", "bea", "cem")] == pytest.approx(
        [full * 0.9, full * 0.9, full]
    )
    (lost,) = of(out, "ann").adjustments
    assert lost.reason == "3 days late, 1 free and 1 of extension: 10 per cent less"
    assert "not known" not in done("log", out)


DUE = RULE + "due = 2026-11-20T23:59:00\nzone = 'Europe/Berlin'\n"


@pytest.mark.parametrize(
    ("due", "zone", "submitted", "days"),
    [
        ("2026-11-20T23:59:00+01:00", "", "2026-11-20T22:59:00+00:00", 0),
        ("2026-11-20T23:59:00+01:00", "", "2026-11-22T10:59:00Z", 1.5),
        ("2026-11-20T23:59:00", "Europe/Berlin", "2026-11-22T11:59:00", 1.5),
        ("2026-11-20T23:59:00", "Europe/Berlin", "2026-11-22T10:59:00+00:00", 1.5),
        ("2026-10-24T12:00:00", "Europe/Berlin", "2026-10-25T11:00:00", 1),  # the day has 25 hours
        ("2026-11-20T23:59:00+01:00", "", "2026-11-22T11:59:00", None),  # whose clock is not known
        ("2026-11-20T23:59:00+01:00", "", "last Friday", None),
        ("2026-11-20T23:59:00+01:00", "", "", None),
        (None, "", "2026-11-22T10:59:00Z", None),
    ],
)
def test_days_after_the_deadline(due: str | None, zone: str, submitted: str, days: float | None) -> None:
    rule = LateRule.model_validate({"due": due, "zone": zone, "percent_per_day": 10})
    assert rule.days(submitted) == (None if days is None else pytest.approx(days))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"due": "2026-11-20T23:59:00"}, "needs an offset"),
        ({"zone": "Mars/Olympus"}, "is not known here"),
        ({"zone": "../../etc/passwd"}, "is not known here"),
    ],
)
def test_a_deadline_says_in_which_zone(settings: dict[str, str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        LateRule.model_validate({"percent_per_day": 10, **settings})


def test_lateness_by_the_times_of_the_download(rules: Callable[[str], None], tmp_path: Path) -> None:
    rules(DUE)
    when = {"ann": "2026-11-20T23:58:59", "bea": "2026-11-23T10:00:00", "cem": "2026-11-22T22:59:30+00:00"}
    grades = [by(name, name, submitted=submitted) for name, submitted in when.items()]
    out = write(tmp_path / "out", *grades, by("dan", "dan"), by("eva", "eva", late=True))
    assert "When it was handed in is not known: dan;" in done("log", out)
    assert "Late, but by how much is not known: eva;" in done("log", out)
    report = CliRunner().invoke(main, ["report", str(out)])
    assert report.exit_code == 0, report.output
    assert "When it was handed in is not known: dan; see" in report.output
    assert "Late, but by how much is not known: eva" in (out / "report.html").read_text()
    # the files have what the settings say, though no mark was given
    full = grades[0].score
    lost = {name: full - of(out, name).score for name in (*when, "dan")}
    assert lost == pytest.approx({"ann": 0, "bea": 0.2 * full, "cem": 0.2 * full, "dan": 0})
    assert table(out)["bea"]["score"] == f"{of(out, 'bea').score:g}"
    assert table(out)["bea"]["submitted"] == when["bea"]
    assert "2.42 days late, 1 free: 20 per cent less" in (out / "bea" / "feedback.html").read_text()
    # a person's word replaces the platform's
    done("late", out, "bea", "0", "--reason", "the network was down")
    assert of(out, "bea").score == full


def test_canvas_says_of_each_that_is_late_that_it_is(rules: Callable[[str], None], tmp_path: Path) -> None:
    rules(DUE)
    canvas = {"platform": "canvas"}
    out = write(tmp_path / "out", by("ann", "1", **canvas), by("bea", "2", late=True, **canvas))
    told = done("log", out)
    assert "Late, but by how much is not known: bea;" in told
    assert "ann" not in told


def test_lateness_is_told_of_who_has_no_grade_yet(rules: Callable[[str], None], tmp_path: Path) -> None:
    rules(DUE)
    out = write(tmp_path / "out", by("ann", "1"))
    with Gradebook(out, lab()) as book:
        bea = Student(id="2", platform="moodle", platform_id="2")
        book.table([("ann", of(out, "ann")), ("bea", "no zip")], ["q2_2"], {"bea": bea}, last=True)
    (tmp_path / "late.csv").write_text("Lab 6; late\n\nstudent,days\n2,3\n")
    assert "2 late 3 by" in done("late", out, tmp_path / "late.csv")
    (tmp_path / "sheet.csv").write_text(
        "Identifier,Status\nParticipant 2,Submitted for grading - 4 days late\n"
    )
    assert "bea late 4 by" in done("late", out, tmp_path / "sheet.csv")


def test_lateness_by_moodles_worksheet(rules: Callable[[str], None], tmp_path: Path) -> None:
    rules(DUE)
    names = ("ann", "bea", "cem", "dan")
    grades = [by(n, n, platform="moodle", platform_id=str(101 + i)) for i, n in enumerate(names)]
    out = write(tmp_path / "out", *grades)
    rows = [
        "Identifier,Full name,Email address,Status,Grade,Maximum grade,Last modified (submission)",
        "Participant 101,Ann,ann@x.example,Submitted for grading,,83,-",
        "Participant 102,Bea,,Submitted for grading - 2 days 3 hours late - Released -  - ,,83,-",
        "Participant 103,Cem,,Submitted for grading - 3 mins 31 secs late,,83,-",
        "Participant 104,Dan,,Zur Bewertung abgegeben - 2 Tage später,,83,-",
        "Participant 105,Eva,,No submission,,83,-",
        "Participant 106,Fay,,Submitted for grading,,83,-",
    ]
    (tmp_path / "sheet.csv").write_text("\ufeff" + "\n".join(rows), encoding="utf-8")
    result = marks("late", out, tmp_path / "sheet.csv", "--reason", "Moodle")
    assert result.exit_code == 2
    assert "line 5: 'Zur Bewertung abgegeben - 2 Tage später' is no status in English" in result.output
    assert "line 7: no submission is of 'Participant 106'" in result.output
    assert "line 6" not in result.output
    full = grades[0].score
    scores = [of(out, name).score for name in names]
    assert scores == pytest.approx([full, 0.8 * full, full, full])
    assert "not known: dan;" in done("log", out)


def test_lateness_by_a_table(rules: Callable[[str], None], tmp_path: Path) -> None:
    rules(RULE)
    out = write(tmp_path / "out", by("ann", "007"), by("bea", "8"))
    (tmp_path / "late.csv").write_text("student;days\n007;2,5\n8;x\n9;1\n", encoding="utf-8")
    result = marks("late", out, tmp_path / "late.csv")
    assert result.exit_code == 2
    assert "line 3: 'x' is no number of days" in result.output
    assert "line 4: no submission '9' has a grade" in result.output
    assert of(out, "ann").score == pytest.approx(of(out, "bea").score * 0.8)


# ---- several hand-ins, withdrawn ones ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "counts"), [("each", {"a1", "a2", "b"}), ("best", {"a1", "b"}), ("last", {"a2", "b"})]
)
def test_which_hand_in_counts(
    rules: Callable[[str], None], tmp_path: Path, rule: str, counts: set[str]
) -> None:
    rules("")
    toml = tmp_path / "lab" / "assignment" / "assignment.toml"
    toml.write_text(f'hand_ins = "{rule}"\n' + toml.read_text())
    worse = a_grade("a2", seed=3).model_copy(
        update={"student": Student(id="7", submitted="2026-11-02T10:00")}
    )
    out = write(tmp_path / "out", by("a1", "7", submitted="2026-11-01T10:00"), worse, by("b", "8"))
    done("bonus", out, "b", "1", "--reason", "x")
    assert set(table(out)) == counts
    done("choose", out, "a2")
    assert set(table(out)) == {"a2", "b"}


NFC, NFD = (unicodedata.normalize(form, "Jörg Müller_1003") for form in ("NFC", "NFD"))


@pytest.mark.parametrize(("there", "typed"), [(NFD, NFC), (NFC, NFD)])
def test_a_name_is_found_however_unicode_writes_it(tmp_path: Path, there: str, typed: str) -> None:
    out = write(tmp_path / "out", by(there, f"id {there}"), a_grade("ann"))
    assert NFC != NFD
    done("set", out, typed, "q2_2", "1", "--reason", "x")
    assert of(out, there).question("q2_2").score == 1
    assert "q2_2 1" in done("log", out, "--submission", typed)
    done("extend", out, f"id {typed}", "2")
    assert "extension 2" in done("log", out, "--submission", f"id {typed}")
    done("drop", out, typed, "--reason", "left")
    done("drop", out, typed, "--withdraw")
    done("move", out, typed, "ann", "--anyway")
    assert of(out, "ann").question("q2_2").score == 1


@pytest.mark.parametrize("typed", ["Jorg Muller_1003", "jörg müller_1003", "Jörg Müler_1003", "Müller"])
def test_close_names_are_offered(tmp_path: Path, typed: str) -> None:
    out = write(tmp_path / "out", a_grade(NFD), a_grade("ann"))
    for command in (
        ("set", out, typed, "q2_2", "1", "--reason", "x"),
        ("move", out, "ann", typed),
        ("move", out, typed, "ann"),
        ("log", out, "--submission", typed),
    ):
        result = marks(*command)
        assert result.exit_code == 2
        assert f"did you mean {NFD}?" in result.output


def test_a_withdrawn_submission_leaves_the_tables_and_comes_back(out: Path) -> None:
    done("drop", out, "bea", "--reason", "left the course")
    assert set(table(out)) == {"ann", "cem"}
    assert of(out, "bea").aside == "withdrawn: left the course"
    assert CliRunner().invoke(main, ["report", str(out)]).exit_code == 0
    assert "bea" not in (out / "grades-canvas.csv").read_text()
    assert not (out / "bea" / "feedback.html").exists()
    assert (out / "ann" / "feedback.html").exists()
    done("drop", out, "bea", "--withdraw", "--reason", "")
    assert set(table(out)) == {"ann", "bea", "cem"}


# ---- the log, undo, several machines -------------------------------------------------------------------


def test_the_log_shows_what_counts_and_undo_brings_back(out: Path) -> None:
    done("set", out, "ann", "q2_3", "1", "--as", "Eva", "--reason", "short")
    done("set", out, "ann", "q2_3", "3", "--as", "Max")
    assert [line[0] for line in done("log", out).splitlines()] == [" ", "*"]
    assert "ann q2_3 3 by Max" in done("log", out, "--by", "Max")
    assert done("log", out, "--submission", "bea") == "No marks match.\n"
    done("undo", out, "--as", "Max")
    assert (of(out, "ann").question("q2_3").score, of(out, "ann").question("q2_3").comment) == (1, "short")
    assert [line[0] for line in done("log", out).splitlines()] == [" ", " ", "*"]
    done("undo", out, "--as", "Eva")
    assert not of(out, "ann").question("q2_3").score


def test_two_databases_come_together(out: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", *(a_grade(name, right=True) for name in ("ann", "bea", "cem")))
    done("set", out, "ann", "q2_3", "1", "--as", "Eva")
    done("set", out, "bea", "q2_3", "2", "--as", "Eva")
    done("set", other, "ann", "q2_3", "4", "--as", "Max")
    done("set", other, "cem", "q2_3", "3", "--as", "Max")
    done("export", other, tmp_path / "max.jsonl")
    told = done("merge", out, tmp_path / "max.jsonl")
    assert "2 marks added, 1 answer marked differently." in told
    assert "new: ann q2_3 1 by Eva" in told
    assert "0 marks added" in done("merge", out, tmp_path / "max.jsonl")
    assert "2 marks added" in done("merge", other, out)
    for place in (out, other):
        scores = [of(place, name).question("q2_3").score for name in ("ann", "bea", "cem")]
        assert scores == [4, 2, 3]
        assert done("log", place).count("!") == 3
    done("set", out, "ann", "q2_3", "2", "--as", "Zoe")
    assert "!" not in done("log", out)
    done("merge", other, out / "marks.sqlite")
    assert of(other, "ann").question("q2_3").score == 2
    assert len(Gradebook(other).marks().marks) == 5


def test_marks_are_merged_while_a_class_is_graded(out: Path, tmp_path: Path) -> None:
    done("set", out, "ann", "q2_3", "1", "--as", "Eva")
    other = write(tmp_path / "other", a_grade("ann", right=True))
    with Gradebook(other):
        told = done("merge", other, out)
    assert "1 mark added" in told
    assert "is writing in" in told
    assert of(other, "ann").question("q2_3").score == 1


def test_a_broken_export_changes_nothing(out: Path, tmp_path: Path) -> None:
    done("set", out, "ann", "q2_3", "1")
    done("export", out, tmp_path / "marks.jsonl")
    text = (tmp_path / "marks.jsonl").read_text()
    (tmp_path / "marks.jsonl").write_text(text + text.replace('"points":1.0', '"points":"x"'))
    result = marks("merge", out, tmp_path / "marks.jsonl")
    assert result.exit_code == 2
    assert "marks.jsonl, line 2: points: " in result.output


def test_answers_to_be_marked_again_are_listed(out: Path) -> None:
    done("set", out, "ann", "q2_3", "1")
    with Gradebook(out) as book:
        book.put("ann", a_grade("ann", answer="another"))
    assert "To be marked again: ann q2_3 (the answer changed)." in done("log", out)


def test_the_student_reads_why(out: Path) -> None:
    Gradebook(out, lab()).mark(
        [
            Wish("ann", "q2_2", 7, "Your loop skips the border."),
            Wish("ann", points=2, comment="Found a slip.", kind="bonus"),
        ],
        "Eva Example",
    )
    assert CliRunner().invoke(main, ["report", str(out)]).exit_code == 0
    page = (out / "ann" / "feedback.html").read_text()
    assert "Your loop skips the border." in page
    assert "A person gave 7 points here instead of the 10 of the checks below." in page
    assert "Bonus: Found a slip." in page
    assert "Eva Example" not in page


# ---- what is said --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said", "status"),
    [
        ("log OUT --submission zz", "there is no such submission", 2),
        ("log OUT --question q8", "q8: unknown question; choose from", 2),
        ("log OUT --by Nobody", "No marks match; marks are by Eva.", 0),
        ("log OUT --submission bea", "No marks match.", 0),
        ("late OUT ann 2", "It costs nothing: assignment.toml has no [late]", 0),
        ("extend OUT ann 2", "It costs nothing: assignment.toml has no [late]", 0),
        ("set OUT ann q2_3 -1", "-1 is not between 0 and the maximum", 2),
        ("late OUT ann -1", "days are 0 or more", 2),
    ],
)
def test_what_commands_say(out: Path, words: str, said: str, status: int) -> None:
    done("set", out, "ann", "q2_3", "1", "--as", "Eva")
    result = marks(*(str(out) if word == "OUT" else word for word in words.split()))
    assert (result.exit_code, said in result.output) == (status, True), result.output


def test_what_is_refused_is_not_called_no_change(out: Path) -> None:
    result = marks("set", out, "ann", "q2_3", "5")
    assert "5 is not between 0 and the maximum, 4" in result.output
    assert "Nothing changes" not in result.output


def test_an_export_is_not_lost(out: Path, tmp_path: Path) -> None:
    done("set", out, "ann", "q2_3", "1", "--as", "Eva")
    file = tmp_path / "marks.jsonl"
    done("export", out, file)
    done("set", out, "ann", "q2_3", "2", "--as", "Eva")
    assert "2 marks" in done("export", out, file)
    other = write(tmp_path / "other", a_grade("ann"))
    done("set", other, "ann", "q2_3", "3", "--as", "Max")
    result = marks("export", other, file)
    assert (result.exit_code, "holds what is not in" in result.output) == (2, True)
    assert len(file.read_text().splitlines()) == 2
    done("export", other, file, "--overwrite")
    assert len(file.read_text().splitlines()) == 1


def test_what_merge_takes(out: Path, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04\xff\xfe\x00")
    result = marks("merge", out, tmp_path / "x.zip")
    assert "no file of marks; `marks export` writes one that can be" in result.output
    assert result.exit_code == 2


# ---- exports, as backups ---------------------------------------------------------------------------------


def test_an_export_holds_whatever_a_comment_holds(tmp_path: Path) -> None:
    """What Python takes for a line's end beside the usual one is none in a file of marks."""
    out = write(tmp_path / "out", a_grade("ann"))
    comment = "one\u2028two\x85three\x0bfour"
    Gradebook(out).mark([Wish("ann", "q2_3", 2, comment)], "Eva")
    file = tmp_path / "marks.jsonl"
    assert CliRunner().invoke(main, ["marks", "export", str(out), str(file)]).exit_code == 0
    other = write(tmp_path / "other", a_grade("ann"))
    result = CliRunner().invoke(main, ["marks", "merge", str(other), str(file)])
    assert result.exit_code == 0, result.output
    assert [mark.comment for mark in Gradebook(other).marks().marks] == [comment]


def test_two_exports_in_one_file_may_overlap(tmp_path: Path) -> None:
    out = write(tmp_path / "out", a_grade("ann"))
    Gradebook(out).mark([Wish("ann", "q2_3", 2)], "Eva")
    file = tmp_path / "marks.jsonl"
    assert CliRunner().invoke(main, ["marks", "export", str(out), str(file)]).exit_code == 0
    file.write_text(file.read_text() * 2)
    other = write(tmp_path / "other", a_grade("ann"))
    result = CliRunner().invoke(main, ["marks", "merge", str(other), str(file)])
    assert result.exit_code == 0, result.output
    assert len(Gradebook(other).marks().marks) == 1


def test_the_latest_mark_is_so_by_its_time(tmp_path: Path) -> None:
    """Monday's, from the laptop, comes into the database after Tuesday's."""
    out = write(tmp_path / "out", a_grade("ann"))
    monday, tuesday = tmp_path / "laptop", out
    write(monday, a_grade("bea"))
    Gradebook(monday).mark([Wish("bea", "q2_3", 1)], "Eva")
    Gradebook(tuesday).mark([Wish("ann", "q2_3", 2)], "Eva")
    Gradebook(tuesday).merge(Gradebook(monday).marks().marks)
    assert [mark.submission for mark in Gradebook(tuesday).marks().latest("Eva")] == ["ann"]


@pytest.mark.parametrize("first", ["bea", "8"])
def test_the_latest_word_on_lateness_counts(rules: Callable[[str], None], tmp_path: Path, first: str) -> None:
    """Whether it was said of the submission or, in a table, of the student's id."""
    rules(RULE)
    out = write(tmp_path / "out", by("ann", "7"), by("bea", "8"))
    done("late", out, first, "2")
    before = of(out, "bea").score
    said = done("late", out, {"bea": "8", "8": "bea"}[first], "5")
    after = of(out, "bea").score
    assert after < before
    assert f"bea: {after:g} of" in said
    starred = [line for line in done("log", out).splitlines() if line.startswith("*")]
    assert len(starred) == 1
    assert "late 5" in starred[0]
    done("late", out, {"bea": "8", "8": "bea"}[first], "--withdraw")
    assert of(out, "bea").score == before


def test_a_decision_on_a_hand_in_that_does_not_count_says_so(
    rules: Callable[[str], None], tmp_path: Path
) -> None:
    rules('hand_ins = "best"')
    low = by("old", "7").with_results([q.model_copy(update={"score": 0}) for q in by("old", "7").questions])
    out = write(tmp_path / "out", by("new", "7"), low)
    assert "(another hand-in counts: new)" in done("bonus", out, "old", "1", "--reason", "x")


def test_a_slip_in_a_move_is_asked_about(out: Path) -> None:
    done("bonus", out, "ann", "2", "--reason", "x", "--as", "Eva")
    done("set", out, "bea", "q3_1", "1", "--as", "Eva")
    refused = marks("move", out, "ann", "bea", "--as", "Eva")
    assert refused.exit_code == 2
    assert "ann was not missing when the class was graded last; add --anyway" in refused.output
    assert of(out, "ann").score > of(out, "bea").score
    assert "ann is bea now, with 1 mark" in done("move", out, "ann", "bea", "--anyway", "--as", "Eva")
    refused = marks("undo", out, "--as", "Eva")
    assert refused.exit_code == 2
    assert "your latest decision let ann be bea; a move is not undone" in refused.output
    placed = next(mark for mark in Gradebook(out).marks().marks if mark.via == "moved" and mark.points)
    assert "not undone" in marks("undo", out, "--id", placed.id).output
    done("bonus", out, "bea", "--withdraw")
    assert not of(out, "bea").adjustments


def test_two_people_are_not_made_one(tmp_path: Path) -> None:
    theirs = [
        by(name, name, platform="canvas", platform_id=str(n)) for n, name in enumerate(("ann", "bea"), 7)
    ]
    out = write(tmp_path / "out", *theirs)
    done("bonus", out, "ann", "2", "--reason", "x")
    assert "ann and bea are two people (7 and 8)" in marks("move", out, "ann", "bea").output

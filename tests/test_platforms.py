"""Whatever a platform hands out: forty awkward hand-ins are forty rows with the right ids."""

from __future__ import annotations

import csv
import re
import unicodedata
from pathlib import Path

import platform_class as p
import pytest
from handed_in import COMPLETE, foldered
from harness import lab
from made_up_class import a_grade
from scripted import grade_quickly
from tries import slow_but

from autograder.batch import collect
from autograder.grade import Grade
from autograder.gradebook import Results
from autograder.report.lms import canvas_csv
from autograder.report.similarity import look
from autograder.submission import Handed, Intake, Roster, SubmissionError, find_handed_in, read_roster

SHAPES = {"folder": p.as_folder, "zip": p.as_zip, "info-zip": p.as_info_zip, "tar": p.as_tar}
PEOPLE = p.class_of_forty()
ENDS = {"folder": "", "zip": ".zip", "info-zip": ".zip", "tar": ".tar.gz"}


def laid(tmp_path: Path, shape: str, layout: p.Layout, name: str = "class") -> Path:
    return SHAPES[shape](tmp_path / f"{name}{ENDS[shape]}", layout)


def found(path: Path, said: list[str] | None = None, intake: Intake | None = None) -> list[Handed]:
    return find_handed_in(path, lab(), (said if said is not None else []).append, intake)


def own_id(platform: str, person: p.Person) -> str:
    if platform == "blackboard":
        return person.login
    if platform == "github":
        return person.login.replace("_", "-")
    return "" if platform == "google" else person.user


@pytest.mark.parametrize("shape", slow_but(len(SHAPES), SHAPES))
@pytest.mark.parametrize("platform", p.PLATFORMS)
def test_forty_awkward_hand_ins_are_forty_rows(tmp_path: Path, platform: str, shape: str) -> None:
    layout = p.PLATFORMS[platform](PEOPLE)
    handed = found(laid(tmp_path, shape, {**layout, **p.JUNK}))
    assert len(handed) == len({one.id for one in handed}) == 40
    if platform != "google":
        own = {one.student.platform_id for one in handed if one.student}
        assert own == {own_id(platform, one) for one in PEOPLE}
    readable = 0
    for one in handed:
        try:
            submission = one.open(lab())
        except SubmissionError:
            continue
        assert set(submission.sources) == set(lab().modules), (one.id, submission)
        readable += 1
    assert readable == 38


@pytest.mark.parametrize("platform", [name for name in p.PLATFORMS if name not in ("canvas", "github")])
def test_names_come_out_whole(tmp_path: Path, platform: str) -> None:
    handed = found(laid(tmp_path, "info-zip", p.PLATFORMS[platform](PEOPLE)))
    names = " / ".join(one.student.name for one in handed if one.student)
    for name in ("李小龙", "محمد علي", "Zoë O'Brien-Müller", "Nguyễn Thị Minh Khai", "हिन्दी नाम"):
        assert unicodedata.normalize("NFC", name) in unicodedata.normalize("NFC", names)


@pytest.mark.parametrize("platform", p.PLATFORMS)
def test_ids_stay_when_somebody_hands_in_later(tmp_path: Path, platform: str) -> None:
    layout = p.PLATFORMS[platform]
    early = [one for one in PEOPLE if one.number not in (0, 20, 25)]
    before = {one.student: one.id for one in found(laid(tmp_path, "zip", layout(early), "a"))}
    after = {one.student: one.id for one in found(laid(tmp_path, "zip", layout(PEOPLE), "b"))}
    assert len(before) == 37
    assert before.items() <= after.items()


def test_long_names_of_no_platform_stay_apart_and_stay(tmp_path: Path) -> None:
    names = [f"{p.LONG}{end}" for end in ("Santa Cruz", "Santa Rosa")]
    path = foldered(
        tmp_path / "class", {f"{name}/{file}": t for name in names for file, t in COMPLETE.items()}
    )
    before = [one.id for one in found(path)]
    foldered(path, {f"{p.LONG}Alma/{file}": text for file, text in COMPLETE.items()})
    after = [one.id for one in found(path)]
    assert len(set(after)) == 3
    assert set(before) < set(after)
    assert all(len(name) <= 80 for name in after)


def test_late_is_said(tmp_path: Path) -> None:
    handed = found(laid(tmp_path, "folder", p.canvas(PEOPLE)))
    assert [one.student.id for one in handed if one.student and one.student.late] == [PEOPLE[p.LATE].user]


@pytest.mark.parametrize(
    ("platform", "when"),
    [("blackboard", "2026-11-20T10:11:12"), ("brightspace", "2026-11-20T10:11:00"), ("moodle", "")],
)
def test_when_something_was_handed_in_is_read_where_names_say_it(
    tmp_path: Path, platform: str, when: str
) -> None:
    handed = found(laid(tmp_path, "folder", p.PLATFORMS[platform](PEOPLE)))
    assert {one.student.submitted for one in handed if one.student} == {when}


def test_the_last_attempt_counts_and_the_row_says_so(tmp_path: Path) -> None:
    for layout in (p.blackboard(PEOPLE), p.brightspace(PEOPLE)):
        (one,) = [
            one
            for one in found(laid(tmp_path, "zip", layout))
            if one.student and "Group 12" in one.student.name
        ]
        assert "The last of 2 attempts was read (2026-11-20" in one.open(lab()).notes[-1]


LAST_IS_EMPTY: dict[str, p.Layout] = {
    "blackboard": {
        "Lab_6_jdoe_attempt_2026-11-19-10-11-00_lab06.zip": p.packed(COMPLETE),
        "Lab_6_jdoe_attempt_2026-11-19-10-11-00.txt": b"Name: Jane Doe (jdoe)\n",
        "Lab_6_jdoe_attempt_2026-11-20-10-11-00.txt": b"Name: Jane Doe (jdoe)\n",
    },
    "brightspace": {
        "12-67 - Jane Doe - Nov 19, 2026 1011 AM/lab06.zip": p.packed(COMPLETE),
        "12-67 - Jane Doe - Nov 20, 2026 1011 AM/": None,
    },
}


@pytest.mark.parametrize("shape", ["folder", "zip"])
@pytest.mark.parametrize("platform", LAST_IS_EMPTY)
def test_a_last_attempt_without_a_file_does_not_hide_an_earlier_one(
    tmp_path: Path, platform: str, shape: str
) -> None:
    (one,) = found(laid(tmp_path, shape, LAST_IS_EMPTY[platform]))
    assert one.student is not None
    assert one.student.submitted == "2026-11-20T10:11:00"
    assert re.search(r"11-20|Nov 20", one.student.handed_in_as)
    told = r"last of 2 attempts \(2026-11-20-10-11.* holds no file; an earlier one does \(2026-11-19-10-11"
    with pytest.raises(SubmissionError, match=told):
        one.open(lab())


def test_attempts_that_all_hold_no_file_are_no_hand_in(tmp_path: Path) -> None:
    files = {name: text for name, text in LAST_IS_EMPTY["blackboard"].items() if name.endswith(".txt")}
    (one,) = found(laid(tmp_path, "zip", files))
    assert one.student is not None
    assert one.student.submitted == "2026-11-20T10:11:00"
    with pytest.raises(SubmissionError, match="no file was handed in"):
        one.open(lab())


def test_where_the_last_attempt_cannot_be_read_there_were_others_is_said(tmp_path: Path) -> None:
    head = "Lab_6_jdoe_attempt_2026-11"
    files: p.Layout = {f"{head}-19-10-11-00_lab06.zip": p.packed(COMPLETE), f"{head}-20-10-11-00_a.png": b""}
    (one,) = found(laid(tmp_path, "zip", files))
    with pytest.raises(SubmissionError, match=r"hand in these files\. The last of 2 attempts was read"):
        one.open(lab())


def test_attempts_whose_dates_cannot_be_compared_are_asked(tmp_path: Path) -> None:
    layout: p.Layout = {
        f"1-2 - Ann Lee - {day}/model.py": b"" for day in ("den 3 nov 2026 1011", "den 4 dec 2026 1011")
    }
    (one,) = found(laid(tmp_path, "zip", layout))
    with pytest.raises(SubmissionError, match=r"handed in 2 times .* keep the one that counts"):
        one.open(lab())


# ---- names that can be read in two ways --------------------------------------------------------------


def test_a_canvas_name_that_stays_open_is_asked_and_a_roster_settles_it(tmp_path: Path) -> None:
    path = laid(tmp_path, "zip", {"group_12_9012_77012_lab.zip": p.packed(COMPLETE)})
    said: list[str] = []
    (one,) = found(path, said)
    assert one.student is not None
    assert (one.student.id, one.student.name) == ("", "group")
    assert "user 12 or 9012; name the right one in --roster" in said[0]
    assert "Not sure" in one.open(lab()).notes[-1]
    (one,) = found(path, intake=Intake(known={"9012"}))
    assert one.student is not None
    assert (one.student.id, one.student.name) == ("9012", "group_12")


def test_other_names_of_a_canvas_download_settle_one(tmp_path: Path) -> None:
    files = {
        "doe_9001_77001_2026_lab.zip": b"",
        "lee_9002_77002_2026_lab.zip": b"",
        "group_12_9012_77012_x.zip": b"",
    }
    handed = found(laid(tmp_path, "zip", {**files, "kim_9003_77003_lab.zip": b""}))
    assert {one.student.id for one in handed if one.student} == {"9001", "9002", "9003", "9012"}


def test_blackboard_without_receipts(tmp_path: Path) -> None:
    lone: p.Layout = {"Lab 6_jdoe_attempt_2026-11-20-10-11-12_model.py": b""}
    (one,) = found(laid(tmp_path, "zip", lone, "a"))
    assert one.student is not None
    assert one.student.id == "jdoe"
    open_: p.Layout = {f"Lab_6_s_{n}_attempt_2026-11-20-10-11-12_model.py": b"" for n in (1, 2)}
    path, said = laid(tmp_path, "zip", open_, "b"), list[str]()
    assert [(one.id, one.student.id) for one in found(path, said) if one.student] == [
        ("Lab_6_s_1", ""),
        ("Lab_6_s_2", ""),
    ]
    assert "keep the .txt receipts or name it in --roster" in said[0]
    known = found(path, intake=Intake(known={"s_1", "s_2"}))
    assert [one.student.id for one in known if one.student] == ["s_1", "s_2"]


def test_a_receipt_speaks_for_its_own_name_only(tmp_path: Path) -> None:
    files: p.Layout = {
        "Lab 6_eve_attempt_2026-11-20-10-11-12.txt": b"Name: Jane Doe (jdoe)\n",
        "Lab 6_eve_attempt_2026-11-20-10-11-12_model.py": b"",
        "Lab 6_jdoe_attempt_2026-11-20-10-11-12_model.py": b"",
    }
    handed = found(laid(tmp_path, "zip", files))
    assert [(one.student.id, one.student.name) for one in handed if one.student] == [
        ("eve", ""),
        ("jdoe", ""),
    ]


@pytest.mark.parametrize("name", ["Janet (Jan) Doe", "Bob (Bobby)", "(Jan)", "Li (李) (Lee)", "Jo ((x"])
def test_a_receipt_is_read_whatever_brackets_the_name_has(tmp_path: Path, name: str) -> None:
    head = "Lab_6_s_1_attempt_2026-11-20-10-11-12"
    receipt = f"Name: {name} (s_1)\nAssignment: Lab_6\n".encode()
    (one,) = found(laid(tmp_path, "zip", {f"{head}.txt": receipt, f"{head}_model.py": b""}))
    assert one.student is not None
    assert (one.student.id, one.student.name) == ("s_1", name)


def test_ilias_teams_are_one_row_with_members(tmp_path: Path) -> None:
    files: p.Layout = {
        "Lab 6/Abgaben/Team 7/Doe_Jane_jdoe_11/model.py": b"",
        "Lab 6/Abgaben/Team 7/Lee_Ann_alee_12/": None,
        "Lab 6/Abgaben/Team 8/Kim_Bo_bkim_13/model.py": b"",
    }
    for shape in ("folder", "zip"):
        one, other = found(laid(tmp_path, shape, files))
        assert (one.id, other.id) == ("Team 8", "Team 7")
        assert other.student is not None
        assert [member.id for member in other.student.members] == ["11", "12"]
        assert set(other.open(lab()).sources) == {"model"}


def test_two_of_one_name_in_google_classroom_are_asked(tmp_path: Path) -> None:
    files: p.Layout = {"Jane - model.py": b"a", "Jane - model (1).py": b"b", "Bo - model.py": b"c"}
    bo, jane = found(laid(tmp_path, "folder", {f"Lab 6/{name}": text for name, text in files.items()}))
    assert bo.open(lab()).sources == {"model": "c"}
    with pytest.raises(SubmissionError, match="two people of that name, or two versions"):
        jane.open(lab())


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("Jane Doe", ("lab07.zip", "hw7.zip")),
        ("Anna", ("Maria - lab07.zip", "Lena - lab07.zip")),
        ("Bo Ek", ("gradient.py", "lab7.zip")),
        ("Bo Ek", ("lab06.ipynb", "lab7.tar.gz")),
        ("Bo Ek", ("model.py", "Model_old.py")),
        ("Bo Ek", ("lab06.ipynb", "lab06_copy.ipynb")),
        ("Bo Ek", ("lab06.ipynb", "model.py", "a.zip", "b.zip")),
    ],
)
def test_files_of_one_name_that_no_one_hands_in_together_are_asked(
    tmp_path: Path, name: str, files: tuple[str, ...]
) -> None:
    layout: p.Layout = {f"{name} - {file}": p.packed(COMPLETE) for file in files}
    layout |= {"Cy - model.py": b"c", "Cy - lab06.ipynb": COMPLETE["lab06.ipynb"]}
    rows = {one.id: one for one in found(laid(tmp_path, "zip", layout))}
    assert set(rows) == {name, "Cy"}
    told = (
        rf"{len(files)} files \({name} - .*two people of that name, or two versions; put .* folder of its own"
    )
    with pytest.raises(SubmissionError, match=told):
        rows[name].open(lab())
    assert rows["Cy"].open(lab()).sources == {"model": "c"}


# ---- classes of no platform --------------------------------------------------------------------------


def plain_class(count: int = 40) -> p.Layout:
    return {f"{name} {n}.zip": p.packed(COMPLETE) for n, name in enumerate(p.NAMES[:count])}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("stray", [*p.JUNK, "model.py", "lab06.ipynb", "index.html"])
def test_one_stray_file_beside_a_class(tmp_path: Path, shape: str, stray: str) -> None:
    handed = found(laid(tmp_path, shape, {**plain_class(), stray: b""}))
    rows = [stray] if stray in ("model.py", "lab06.ipynb") else []
    assert [one.id for one in handed if one.problem] == rows
    assert len({one.id for one in handed}) == 40 + len(rows)
    assert handed[0].open(lab()).sources


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["zip", "tar"])
@pytest.mark.parametrize("wrapped", ["", "class/"])
def test_an_archive_of_folders_with_an_environment_in_one(tmp_path: Path, shape: str, wrapped: str) -> None:
    people = ("Ann", "Bo", "Cy")
    layout: p.Layout = {f"{wrapped}{who}/{name}": text for who in people for name, text in COMPLETE.items()}
    layout |= {
        f"{wrapped}Bo/venv/pyvenv.cfg": b"",
        **{f"{wrapped}Bo/venv/x/{n}/model.py": b"" for n in range(6_000)},
    }
    handed = found(laid(tmp_path, shape, layout))
    assert [one.id for one in handed] == list(people)
    assert all(set(one.open(lab()).sources) == set(lab().modules) for one in handed)


def test_of_several_paths_an_archive_of_folders_is_one_submission(tmp_path: Path) -> None:
    layout: p.Layout = {f"v{n}/{name}": text for n in range(3) for name, text in COMPLETE.items()}
    path = laid(tmp_path, "zip", layout)
    assert [one.id for one in found(path, intake=Intake(lone=False))] == ["class"]
    assert len(found(path)) == 3


def test_two_folders_are_asked(tmp_path: Path) -> None:
    path = laid(
        tmp_path, "zip", {f"{who}/{name}": text for who in ("Ann", "Bo") for name, text in COMPLETE.items()}
    )
    said: list[str] = []
    assert [one.id for one in found(path, said)] == ["class"]
    assert "use --class if Ann, Bo are two people's" in said[0]
    assert [one.id for one in found(path, intake=Intake(many=True))] == ["Ann", "Bo"]


@pytest.mark.parametrize(
    ("name", "data"), [("Ann.rar", b"Rar!\x1a\x07\0"), ("Ann.7z", b"7z\xbc\xaf\x27\x1c\0")]
)
def test_archives_that_cannot_be_read_say_what_to_do(tmp_path: Path, name: str, data: bytes) -> None:
    rows = grade_quickly(tmp_path / "out", foldered(tmp_path / "in", {name: data, "Bo/model.py": b""}))
    assert "cannot be read here; unpack it, and hand in a .zip or a folder" in str(rows[name])
    assert isinstance(rows["Bo"], Grade)


def test_everyone_is_in_the_table(tmp_path: Path) -> None:
    path = laid(tmp_path, "zip", p.moodle(PEOPLE))
    rows = grade_quickly(tmp_path / "out", path)
    with (tmp_path / "out" / "grades.csv").open(newline="", encoding="utf-8") as stream:
        table = list(csv.DictReader(stream))
    assert len(table) == len(rows) == 40
    assert {row["platform id"] for row in table} == {one.user for one in PEOPLE}
    (empty,) = [row for row in table if row["platform id"] == PEOPLE[p.EMPTY].user]
    assert "no file was handed in" in empty["problem"]


@pytest.mark.parametrize("platform", ["canvas", "moodle", "blackboard", "ilias", "gradescope"])
def test_similarity_compares_everyone_under_the_ids_of_the_results(tmp_path: Path, platform: str) -> None:
    path = laid(tmp_path, "zip", p.PLATFORMS[platform](PEOPLE))
    rows = {item.id for item in collect([path], lab(), tmp_path / "out")}
    compared = look(path, None, lab())
    assert compared.compared == len(compared.names) == 38
    assert set(compared.names) < rows


# ---- two that ask for one id -------------------------------------------------------------------------


def two_classes(tmp_path: Path, *names: str) -> list[Path]:
    return [foldered(tmp_path / name, {"ann.zip": p.packed(COMPLETE)}) for name in names]


def test_ids_stay_when_another_of_the_same_name_hands_in_later(tmp_path: Path) -> None:
    (late,) = two_classes(tmp_path, "monday")
    out = tmp_path / "out"
    assert list(grade_quickly(out, late)) == ["ann"]
    # a folder of the same name, which comes before the zip, and another class, which comes before both
    foldered(late / "Ann", dict(COMPLETE))
    (early,) = two_classes(tmp_path, "friday")
    foldered(early, {"bo.zip": p.packed(COMPLETE)})
    for paths in ((early, late), (late, early)):
        items = {item.path.relative_to(tmp_path).as_posix(): item.id for item in collect(paths, lab(), out)}
        assert items["monday/ann.zip"] == "ann"
        assert items["friday/bo.zip"] == "bo"
        assert re.fullmatch(r"ann~[0-9a-f]{6}", items["friday/ann.zip"])
        assert re.fullmatch(r"Ann~[0-9a-f]{6}", items["monday/Ann"])
        grade_quickly(out, *paths)
    # the first hands in again
    foldered(late, {"ann.zip": p.packed({**COMPLETE, "model.py": b"# better"})})
    rows = grade_quickly(out, early, late)
    assert set(rows) == set(items.values())
    assert "# better" in (out / "ann" / "handed-in.json").read_text()
    # and who is similar to whom is said under the same ids
    assert set(look(late, None, lab(), out).names) <= set(rows)


def test_where_no_one_was_first_ids_do_not_depend_on_who_else_is_there(tmp_path: Path) -> None:
    def found(*names: str) -> dict[str, str]:
        items = collect(two_classes(tmp_path, *names), lab(), tmp_path / f"out-{len(names)}")
        return {item.path.parent.name: item.id for item in items}

    two = found("monday", "tuesday")
    assert len(set(two.values())) == 2
    assert two.items() <= found("friday", "monday", "tuesday").items()


# ---- a roster that calls a row by its own name ---------------------------------------------------------


def roster_of(tmp_path: Path, text: str) -> Roster:
    (tmp_path / "roster.csv").write_text(f"id,student,name\n{text}\n")
    return read_roster(tmp_path / "roster.csv")


def test_a_roster_names_canvas_user_by_the_rows_own_name(tmp_path: Path) -> None:
    path = laid(tmp_path, "zip", {"group_12_77023_9012_lab.zip": p.packed(COMPLETE)})
    (open_,) = found(path)
    for user, name in (("77023", "group_12"), ("12", "group")):
        roster = roster_of(tmp_path, f"{open_.id},{user},")
        (one,) = found(path, intake=Intake(known=roster.rows))
        assert one.id == open_.id
        student = roster.student(one.id, one.student)
        assert student is not None
        assert (student.platform_id, student.id, student.name) == (user, user, name)
        assert "Not sure" not in " ".join(one.open(lab()).notes)
        grade = a_grade(one.id).model_copy(update={"student": student})
        text = canvas_csv(Results(tmp_path, {one.id: grade}), "x").splitlines()[-1]
        assert text.startswith(f"{name},{user},,,")


def test_a_roster_names_blackboards_user_by_the_rows_own_name(tmp_path: Path) -> None:
    files: p.Layout = {f"Lab_6_s_{n}_attempt_2026-11-20-10-11-12_model.py": b"" for n in (1, 2)}
    path = laid(tmp_path, "zip", files)
    roster = roster_of(tmp_path, "Lab_6_s_1,s_1,Ann Lee")
    rows = {one.id: one.student for one in found(path, intake=Intake(known=roster.rows))}
    assert {name: one.platform_id for name, one in rows.items() if one} == {
        "Lab_6_s_1": "s_1",
        "Lab_6_s_2": "",
    }
    assert roster.student("Lab_6_s_1", rows["Lab_6_s_1"]) is not None

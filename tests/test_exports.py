"""Downloads of a class from Gradescope, Canvas and Moodle, and the roster: whose is what."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from handed_in import COMPLETE, MODULES, foldered, zipped
from harness import lab

from autograder.batch import collect
from autograder.grade import Student
from autograder.submission import (
    Handed,
    RosterError,
    Submission,
    SubmissionError,
    exports,
    find_handed_in,
    read_roster,
)


def packed(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


LAB = packed(COMPLETE)
METADATA = b"""---
submission_101:
  :submitters:
  - :name: Jane Doe
    :sid: '3031'
    :email: jane@example.edu
  :created_at: 2026-01-31 22:15:00.123456000 Z
  :score: 0.0
  :status: processed
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests: []
submission_102:
  :submitters:
  - :name: Pat One
    :email: pat@example.edu
  - :name: Sam Two
    :sid: '3033'
submission_103:
  :submitters:
  - :name: No Files
    :sid: '3034'
"""
JANES = "2026-01-31T22:15:00+00:00"
GRADESCOPE = {
    "assignment_7_export/submission_metadata.yml": METADATA,
    **{f"assignment_7_export/submission_101/{name}": text for name, text in COMPLETE.items()},
    "assignment_7_export/submission_102/lab.zip": LAB,
}
CANVAS = {
    "doejane_123_9001_lab06.zip": LAB,
    "lopezmaria_LATE_124_9002_model-1.py": b"# again",
    "lopezmaria_LATE_124_9003_training.py": b"",
    "o_brien_125_9004_lab_7_8.zip": LAB,
    "typist_126_text.html": b"<p>see my mail</p>",
    "anon_Ab3d5_9005_lab06.zip": LAB,
}
MOODLE = {
    "Jane Doe_123_assignsubmission_file_/lab06.zip": LAB,
    "Jane Doe_123_assignsubmission_onlinetext_/onlinetext.html": b"<p>done</p>",
    **{f"Zoë van der Berg_124_assignsubmission_file_/lab/{name}": text for name, text in COMPLETE.items()},
    "Ann Lee_125_assignsubmission_onlinetext_/onlinetext.html": b"",
}
MOODLE_FLAT = {
    "Jane Doe_123_assignsubmission_file_lab06.zip": LAB,
    "Ann Lee_125_assignsubmission_file_model.py": b"",
    "Ann Lee_125_assignsubmission_file_training.py": b"",
}


@pytest.fixture(params=["zip", "folder"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / ("all.zip" if request.param == "zip" else "all")


def laid(place: Path, files: Mapping[str, bytes]) -> Path:
    return zipped(place, files) if place.suffix else foldered(place, files)


def found(path: Path) -> dict[str, Handed]:
    return {one.id: one for one in find_handed_in(path, lab())}


def opened(one: Handed) -> Submission:
    return one.open(lab())


def whole(submission: Submission) -> bool:
    return set(submission.sources) == {name[:-3] for name in MODULES} and bool(submission.answers)


def at(platform: str, own: str, name: str, **more: Any) -> Student:
    return Student(id=own, name=name, platform=platform, platform_id=own, **more)


def whose(handed: Mapping[str, Handed]) -> dict[str, Student | None]:
    """The students by id, without what the platform called their files."""
    return {name: bare(one.student) for name, one in handed.items()}


def bare(student: Student | None) -> Student | None:
    return student and student.model_copy(update={"handed_in_as": ""})


# ---- the three layouts -------------------------------------------------------------------------------


def test_gradescope(place: Path) -> None:
    handed = found(laid(place, GRADESCOPE))
    assert whose(handed) == {
        "Jane Doe_3031": at("gradescope", "3031", "Jane Doe", submitted=JANES),
        "Pat One and Sam Two_pat@example.edu+3033": at(
            "gradescope",
            "pat@example.edu+3033",
            "Pat One and Sam Two",
            members=(at("gradescope", "pat@example.edu", "Pat One"), at("gradescope", "3033", "Sam Two")),
        ),
        "No Files_3034": at("gradescope", "3034", "No Files"),
    }
    assert whole(opened(handed["Jane Doe_3031"]))
    assert whole(opened(handed["Pat One and Sam Two_pat@example.edu+3033"]))
    with pytest.raises(SubmissionError, match=r"submission_103: no file was handed in"):
        opened(handed["No Files_3034"])


def test_gradescope_with_the_metadata_at_the_top(place: Path) -> None:
    files = {name.partition("/")[2]: content for name, content in GRADESCOPE.items()}
    assert len(found(laid(place, files))) == 3


def test_a_gradescope_folder_that_the_metadata_does_not_name_is_not_lost(place: Path) -> None:
    files = {**GRADESCOPE, "assignment_7_export/submission_999/model.py": b""}
    assert found(laid(place, files))["submission_999"].student is None


BAD_METADATA = [
    (b"a: b\nc: [1\n", "submission_metadata.yml: line 3: not YAML"),
    (b"- 1\n", "submission_metadata.yml: names no submissions"),
    (b"", "submission_metadata.yml: names no submissions"),
    (b"hello", "submission_metadata.yml: names no submissions"),
    (b"submission_1:\n  :submitters: nobody\n", "submission_metadata.yml: names no submissions"),
    (b"!!python/object/apply:os.getpid []", "submission_metadata.yml: names no submissions"),
    (b"\xff\xfe\x00", "submission_metadata.yml: not YAML"),
    (b"[" * 200_000, "submission_metadata.yml: "),  # which of the two is a matter of PyYAML's version
    (b"a: " + b"- " * 100_000, "not YAML"),
    (b"{a: " * 100_000, "not YAML"),
]


@pytest.mark.parametrize(("metadata", "told"), BAD_METADATA, ids=range(len(BAD_METADATA)))
def test_metadata_that_is_none_costs_the_names_only(place: Path, metadata: bytes, told: str) -> None:
    files = {f"submission_1/{name}": text for name, text in COMPLETE.items()}
    said: list[str] = []
    path = laid(place, {"submission_metadata.yml": metadata, "submission_2/model.py": b"", **files})
    handed = {one.id: one for one in find_handed_in(path, lab(), said.append)}
    assert set(handed) == {"submission_1", "submission_2"}
    assert told in said[0]
    assert whole(opened(handed["submission_1"]))
    assert "submission_metadata.yml does not say whose this is" in opened(handed["submission_1"]).notes[-1]


def test_who_comes_before_a_fault_in_the_metadata_is_known(place: Path) -> None:
    files = {**GRADESCOPE, "assignment_7_export/submission_metadata.yml": METADATA + b"  ]broken"}
    jane = bare(found(laid(place, files))["Jane Doe_3031"].student)
    assert jane == at("gradescope", "3031", "Jane Doe", submitted=JANES)


@pytest.mark.parametrize(
    ("created", "submitted"),
    [
        ("2026-01-31 22:15:00.123456000 Z", "2026-01-31T22:15:00+00:00"),
        ("2026-01-31 22:15:00 -08:00", "2026-02-01T06:15:00+00:00"),
        ("'2026-01-31T22:15:00+0100'", "2026-01-31T21:15:00+00:00"),
        ("&when 2026-01-31 22:15:00 Z", "2026-01-31T22:15:00+00:00"),
        ("2026-01-31 22:15:00", ""),  # whose clock is not known
        ("2026-02-31 22:15:00 Z", ""),
        ("0001-01-01 00:00:00 +23:00", ""),
        ("yesterday", ""),
        ("[2026-01-31 22:15:00 Z]", ""),
        ("{utc: 2026-01-31 22:15:00 Z}", ""),
        ("*nobody", ""),
        ("'" + "2026-01-31 " * 100_000 + "'", ""),
    ],
)
def test_when_something_was_handed_in_to_gradescope(tmp_path: Path, created: str, submitted: str) -> None:
    metadata = f"submission_1:\n  :created_at: {created}\n  :submitters:\n  - :name: Ann\n    :sid: '1'\n"
    files = {"submission_metadata.yml": metadata.encode(), "submission_1/model.py": b""}
    (one,) = found(foldered(tmp_path / "all", files)).values()
    assert one.student is not None
    assert (one.student.name, one.student.submitted) == ("Ann", submitted)


BOMB = b"a: &a [x,x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (n + 1, n + 1, b",".join([b"*%c" % n] * 10)) for n in range(97, 105)
)


def test_names_and_ids_are_plain_and_bounded(place: Path) -> None:
    names = [
        b"*h",
        b"[a, b]",
        b"{a: b}",
        b'"' + b"x" * 10**6 + b'"',
        rb'"a\u202e\n\e[31mb\uD800"',
        b"&q Q",
        b"*q",
    ]
    people = b"".join(b"submission_%d:\n  :submitters:\n  - :name: %s\n    :sid: %s\n" % (n, name, name)
                      for n, name in enumerate(names))  # fmt: skip
    folders = {f"submission_{n}/model.py": b"" for n in range(len(names))}
    handed = find_handed_in(laid(place, {"submission_metadata.yml": BOMB + people, **folders}), lab())
    assert len(handed) == len(names)
    for one in handed:
        assert one.student is None or max(len(one.student.name), len(one.student.id)) <= 200
        assert one.student is None or (one.student.name + one.student.id).isprintable()
        assert len(one.id.encode()) <= 200


def test_a_person_may_be_an_alias(place: Path) -> None:
    metadata = b"""---
submission_1:
  :submitters: [&1 {":name": Jane, ":sid": &2 '31'}]
submission_2:
  :submitters: [*1, {":name": Pat, ":sid": *2}]
"""
    files = {"submission_metadata.yml": metadata, "submission_1/model.py": b"", "submission_2/model.py": b""}
    assert list(found(laid(place, files))) == ["Jane_31", "Jane and Pat_31+31"]


def test_canvas(place: Path) -> None:
    handed = found(laid(place, CANVAS))
    assert whose(handed) == {
        "anon_Ab3d5": at("canvas", "anon_Ab3d5", ""),
        "doejane_123": at("canvas", "123", "doejane"),
        "lopezmaria_124": at("canvas", "124", "lopezmaria", late=True),
        "o_brien_125": at("canvas", "125", "o_brien"),
        "typist_126": at("canvas", "126", "typist"),
    }
    assert all(whole(opened(handed[name])) for name in ("doejane_123", "o_brien_125", "anon_Ab3d5"))
    again = opened(handed["lopezmaria_124"])
    assert (set(again.sources), again.problems) == ({"model", "training"}, {})
    with pytest.raises(SubmissionError, match=r"typist_126: no file was handed in"):
        opened(handed["typist_126"])


@pytest.mark.parametrize("files", [MOODLE, MOODLE_FLAT])
def test_moodle(place: Path, files: Mapping[str, bytes]) -> None:
    handed = found(laid(place, files))
    assert whole(opened(handed["Jane Doe_123"]))
    assert bare(handed["Jane Doe_123"].student) == at("moodle", "123", "Jane Doe")
    if files is MOODLE:
        assert list(handed) == ["Ann Lee_125", "Jane Doe_123", "Zoë van der Berg_124"]
        assert whole(opened(handed["Zoë van der Berg_124"]))
        with pytest.raises(SubmissionError, match="Ann Lee_125: no file was handed in"):
            opened(handed["Ann Lee_125"])
    else:
        assert set(opened(handed["Ann Lee_125"]).sources) == {"model", "training"}


def test_what_is_no_download_is_read_as_before(tmp_path: Path) -> None:
    single = zipped(tmp_path / "hers.zip", COMPLETE)
    assert [one.student for one in find_handed_in(single, lab())] == [None]
    several = foldered(tmp_path / "all", {"doe_1_2_lab.zip": LAB, "ann.zip": LAB, "list.csv": b""})
    assert list(found(several)) == ["ann", "doe_1_2_lab"]


UNWRAPPED = {name.partition("/")[2]: content for name, content in GRADESCOPE.items()}


@pytest.mark.parametrize("files", [UNWRAPPED, CANVAS, MOODLE, MOODLE_FLAT])
def test_what_lies_beside_a_download_is_graded_too(place: Path, files: Mapping[str, bytes]) -> None:
    before = found(laid(place, files))
    loose = {"Late Larry.zip": LAB, "list.csv": b""}
    if not place.suffix:  # a zip comes from the platform as it is
        loose |= {f"Ida/{name}": text for name, text in COMPLETE.items()}
    handed = found(laid(place.with_name(f"more {place.name}"), {**files, **loose}))
    assert set(handed) == {*before, "Late Larry"} | (set() if place.suffix else {"Ida"})
    assert {name: handed[name].student for name in before} == {n: one.student for n, one in before.items()}
    assert whole(opened(handed["Late Larry"]))
    assert place.suffix or whole(opened(handed["Ida"]))


@pytest.mark.parametrize("files", [UNWRAPPED, CANVAS, MOODLE, MOODLE_FLAT])
def test_a_stray_module_beside_an_unpacked_download(tmp_path: Path, files: Mapping[str, bytes]) -> None:
    before = found(laid(tmp_path / "a", files))
    stray = find_handed_in(laid(tmp_path / "b", {**files, "model.py": b""}), lab())
    assert [one.id for one in stray] == [*before, "model.py"]
    with pytest.raises(SubmissionError, match=r"model\.py: a single file beside other submissions is not"):
        stray[-1].open(lab())


def test_a_zip_in_gradescopes_own_folder_is_graded_too(place: Path) -> None:
    handed = found(laid(place, {**GRADESCOPE, "assignment_7_export/Late Larry.zip": LAB}))
    assert len(handed) == 4
    assert whole(opened(handed["Late Larry"]))


def test_an_export_beside_others_must_be_named(place: Path) -> None:
    """Among folders, each is one submission: any of them could call itself an export."""
    other = {name.replace("_7_", "_8_"): content for name, content in GRADESCOPE.items()}
    path = laid(place, {**GRADESCOPE, **other})
    if place.suffix:
        assert list(found(path)) == ["all"]
        return
    handed = found(path)
    assert list(handed) == ["assignment_7_export", "assignment_8_export"]
    files = {f"submission_102/{name}": text for name, text in COMPLETE.items()}
    foldered(path / "assignment_7_export", files)
    assert "name it as a PATH of its own" in refused(handed["assignment_7_export"])
    assert len(find_handed_in(path / "assignment_7_export", lab())) == 3


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("projectgroup1_9001_77001_lab.zip", ("projectgroup1", "9001", False)),
        ("nguyenvana1_LATE_9100_77_2024_5_lab.zip", ("nguyenvana1", "9100", True)),
        ("o_brien_125_9004_lab_7_8.zip", ("o_brien", "125", False)),
        ("group_1_LATE_9004_1_x.zip", ("group_1", "9004", True)),
        ("2_9004_1_x.zip", ("2", "9004", False)),
        ("LATE_anon_Ab3d5_9005_x.zip", ("", "anon_Ab3d5", True)),
        ("李小龙1_9005_5_x.zip", ("李小龙1", "9005", False)),
        ("doe_7_text.html", ("doe", "7", False)),
    ],
)
def test_canvas_names(place: Path, name: str, student: tuple[str, str, bool]) -> None:
    (one,) = find_handed_in(laid(place, {name: LAB}), lab())
    assert one.student is not None
    assert (one.student.name, one.student.id, one.student.late) == student


def test_a_moodle_name_may_hold_an_underscore(place: Path) -> None:
    files = {"Ann_Lee x_125_assignsubmission_file_/a_7_assignsubmission_file_b.py": b"", "q.csv": b""}
    (one,) = find_handed_in(laid(place, files), lab())
    assert bare(one.student) == at("moodle", "125", "Ann_Lee x")


def test_items_carry_ids_and_students(tmp_path: Path) -> None:
    items = collect([zipped(tmp_path / "c.zip", CANVAS)], lab(), tmp_path / "out")
    assert [item.id for item in items] == list(found(tmp_path / "c.zip"))
    assert bare(items[1].student) == at("canvas", "123", "doejane")
    assert whole(items[1].open(lab()))


# ---- care -------------------------------------------------------------------------------------------


def only(tmp_path: Path, inner: bytes) -> Handed:
    [one] = find_handed_in(zipped(tmp_path / "c.zip", {"doe_1_2_lab.zip": inner}), lab())
    return one


def refused(one: Handed) -> str:
    with pytest.raises(SubmissionError) as error:
        opened(one)
    return str(error.value)


def test_a_zip_within_is_read_with_the_same_care(tmp_path: Path) -> None:
    assert "doe_1/lab.zip: not a readable zip file" in refused(only(tmp_path, b"no zip"))
    assert "points outside of the zip" in refused(only(tmp_path, packed({"../model.py": b""})))
    assert "holds more than" in refused(only(tmp_path, packed({f"{n}.txt": b"" for n in range(5_001)})))
    deeper = packed({"deeper.zip": packed({"deep.zip": LAB})})
    assert "hand in what is in deep.zip" in refused(only(tmp_path, deeper))


def test_a_zip_within_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MAX_INNER", 1024)
    assert "lab.zip: it is larger than 1 KiB" in refused(only(tmp_path, LAB))


def test_two_zips_of_one_student(tmp_path: Path) -> None:
    path = zipped(tmp_path / "c.zip", {"doe_1_2_lab.zip": LAB, "doe_1_3_lab2.zip": LAB})
    assert "holds 2 archives (lab.zip, lab2.zip); keep exactly one" in refused(found(path)["doe_1"])


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "c.zip", CANVAS)
    path.chmod(0o400)
    opened(found(path)["doejane_123"])
    assert [entry.name for entry in tmp_path.iterdir()] == ["c.zip"]


# ---- the roster -------------------------------------------------------------------------------------


def roster(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode("utf-8-sig"))
    return path


def test_a_roster_names_students(tmp_path: Path) -> None:
    text = "Id;Student;Name;Section\n123;jd7;Doe, Jane;A\n\nlate.zip;x9;Xi\n"
    known = read_roster(roster(tmp_path, text))
    canvas = Student(id="123", name="doejane", late=True)
    assert known.student("doejane_123", canvas) == Student(id="jd7", name="Doe, Jane", late=True)
    assert known.student("late.zip", None) == Student(id="x9", name="Xi")
    assert known.student("other", None) is None
    assert known.student("other", Student(id="5", name="five")) == Student(id="5", name="five")


def test_titles_above_a_rosters_header_are_passed_over(tmp_path: Path) -> None:
    known = read_roster(roster(tmp_path, "Students, winter 2026\n;\nid;name\n123;Doe, Jane\n"))
    assert known.student("x", Student(id="123")) == Student(id="123", name="Doe, Jane")


def test_a_roster_names_the_members_of_a_group(tmp_path: Path) -> None:
    known = read_roster(roster(tmp_path, "id,student,name\n3033,sam,Sam Two\n9,x,X\n"))
    group = found(foldered(tmp_path / "all", GRADESCOPE))["Pat One and Sam Two_pat@example.edu+3033"]
    named = known.student(group.id, group.student)
    assert named is not None
    assert [member.id for member in named.members] == ["pat@example.edu", "sam"]
    assert (named.id, named.platform_id) == ("pat@example.edu+sam", "pat@example.edu+3033")
    assert known.unused([(group.id, group.student)]) == ["9"]


def test_a_roster_may_hold_names_alone(tmp_path: Path) -> None:
    known = read_roster(roster(tmp_path, "name,id\nJane,123\n"))
    assert known.student("x", Student(id="123")) == Student(id="123", name="Jane")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "roster.csv: names no one"),
        ("id,name\n", "roster.csv: names no one"),
        ("student,name\n1,2\n", "roster.csv, line 1: the header must name the column `id`"),
        ("id\n1\n", "roster.csv, line 1: the header must name"),
        ("id,name\n1,a\n1,b\n", "roster.csv, line 3: the id 1 is there twice"),
        ("id,name\n1\n", "roster.csv, line 2: 1 cells, but 2 columns"),
        ("id,name\n,a\n", "roster.csv, line 2: the cell of `id` is empty"),
    ],
)
def test_a_roster_that_is_wrong(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(RosterError) as error:
        read_roster(roster(tmp_path, text))
    assert told in str(error.value)


def test_a_roster_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match=r"none\.csv: No such file"):
        read_roster(tmp_path / "none.csv")
    (tmp_path / "r.csv").write_bytes(b"id,name\n1,\x81\n")
    with pytest.raises(RosterError, match=r"r\.csv, line 2: neither UTF-8"):
        read_roster(tmp_path / "r.csv")

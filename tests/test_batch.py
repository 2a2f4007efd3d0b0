"""Many submissions: which are found, what they are called, and what is written."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest
from handed_in import MODULES, foldered, zipped
from harness import lab
from scripted import Quick, grade_quickly

from autograder.batch import collect, grade_all
from autograder.files import write_all_or_nothing, write_whole
from autograder.grade import Grade
from autograder.grading import UsageError
from autograder.report.similarity import look
from autograder.submission import SubmissionError


def ids(*paths: Path, out: Path = Path("out")) -> list[str]:
    return [item.id for item in collect(paths, lab(), out)]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """A folder of three submissions, the second of which cannot be read."""
    folder = foldered(tmp_path / "all", {"cy/model.py": b"1"})
    zipped(folder / "ann.zip", MODULES)
    (folder / "bea.zip").write_text("not a zip")
    return folder


# ---- which, and their names ----------------------------------------------------------------------------


def test_found_by_name(three: Path) -> None:
    assert ids(three) == ["ann", "bea", "cy"]


def test_same_names_get_digits_of_their_own(tmp_path: Path) -> None:
    foldered(tmp_path, {"1/x/model.py": b"", "1/y/model.py": b"", "2/X/model.py": b"", "2/y/model.py": b""})
    zipped(tmp_path / "1" / "x.zip", MODULES)
    found = ids(tmp_path / "1", tmp_path / "2")
    assert [name.partition("~")[0] for name in found] == ["x", "x", "y", "X", "y"]
    assert len(set(found)) == 5


def test_the_same_path_twice_is_one(three: Path) -> None:
    assert ids(three / "cy", three / ".." / "all" / "cy", three / "cy") == ["cy"]
    assert ids(three, three / "cy") == ["ann", "bea", "cy"]


def test_links_have_names_of_their_own_and_may_lead_nowhere(three: Path, tmp_path: Path) -> None:
    for name, target in (("dee", three / "cy"), ("ed", three / "cy"), ("flo.zip", Path("flo.zip"))):
        (three / name).symlink_to(target)
    rows = grade_quickly(tmp_path / "out", three)
    assert list(rows) == ["ann", "bea", "cy", "dee", "ed", "flo"]
    assert isinstance(rows["ed"], Grade)
    assert rows["flo"] == f"{three}/flo.zip: Too many levels of symbolic links"


def test_no_id_takes_a_place_that_is_needed(tmp_path: Path) -> None:
    for name in ("grades.csv", "Report.html", "..", "", " "):
        zipped(tmp_path / f"{name}.zip", MODULES)
    found = [item.id for item in collect(sorted(tmp_path.glob("*.zip")), lab(), Path("out"))]
    assert sorted(re.sub("~.*", "~", name) for name in found) == [
        *("Report.html-2", "grades.csv-2"),
        *("submission~", "submission~", "submission~"),
    ]
    assert len(set(found)) == 5


def test_a_path_that_does_not_exist_stops_all(three: Path) -> None:
    with pytest.raises(SubmissionError, match="nowhere: No such file"):
        collect([three / "cy", three / "nowhere"], lab(), Path("out"))


def test_the_only_one_must_be_readable(three: Path) -> None:
    with pytest.raises(SubmissionError, match=r"bea\.zip: not a readable zip file"):
        collect([three / "bea.zip"], lab(), Path("out"))


# ---- what is written -----------------------------------------------------------------------------------


def test_files_of_a_run(three: Path, tmp_path: Path) -> None:
    rows = grade_quickly(tmp_path / "out", three)
    assert isinstance(rows["bea"], str)
    assert "not a readable zip file" in rows["bea"]
    found = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*"))
    assert found == [
        ".convlab.lock",
        *("ann", "ann/grade.json", "ann/handed-in.json", "ann/results.json"),
        *("bea", "bea/ungraded.json"),
        *("cy", "cy/grade.json", "cy/handed-in.json", "cy/results.json"),
        "grades.csv",
    ]
    assert Grade.model_validate_json((tmp_path / "out/cy/grade.json").read_text()) == rows["cy"]
    assert json.loads((tmp_path / "out/ann/results.json").read_text())["score"] == 0
    table = list(csv.DictReader((tmp_path / "out/grades.csv").open(newline="")))
    assert [row["submission"] for row in table] == ["ann", "bea", "cy"]
    assert "not a readable zip file" in table[1]["problem"]


def test_an_id_with_digits_is_in_the_grade(tmp_path: Path) -> None:
    foldered(tmp_path, {"1/x/model.py": b"", "1/y/model.py": b"", "2/x/model.py": b""})
    rows = grade_quickly(tmp_path / "out", tmp_path / "1", tmp_path / "2" / "x")
    assert len(rows) == 3
    for name in rows:
        assert json.loads((tmp_path / "out" / name / "grade.json").read_text())["submission"] == name


def test_each_grade_is_written_before_the_next_begins(three: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = grade_all(collect([three], lab(), out), Quick(lab()), out)
    next(run)
    assert (out / "ann/grade.json").exists()
    assert len((out / "grades.csv").read_text().splitlines()) == 2
    assert not (out / "cy").exists()
    assert isinstance(run, Generator)
    run.close()


def test_no_grade_of_an_earlier_run_stays(three: Path, tmp_path: Path) -> None:
    grade_quickly(tmp_path / "out", three)
    (three / "ann.zip").write_text("broken since")
    grade_quickly(tmp_path / "out", three)
    left = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out/ann").rglob("*.json"))
    assert left == ["ann/history/1.json", "ann/ungraded.json"]


def test_a_second_run_does_not_grade_the_results(three: Path) -> None:
    for _ in range(2):
        assert set(grade_quickly(three / "results", three)) == {"ann", "bea", "cy"}


@pytest.mark.parametrize("out", ["", "cy", "cy/out"])
def test_results_are_not_written_into_a_submission(three: Path, out: str) -> None:
    with pytest.raises(UsageError, match=r"would be written into .*cy; name another folder"):
        collect([three], lab(), three / out)


@pytest.mark.parametrize(("path", "out"), [("", ""), ("", "link"), ("ann", "")])
def test_results_are_not_written_over_or_among_what_is_graded(tmp_path: Path, path: str, out: str) -> None:
    folder = tmp_path / "class"
    for name in ("one.zip", "two.zip", "ann/ann.zip", "ann/bea.zip"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        zipped(folder / name, MODULES)
    (folder / "link").symlink_to(folder)
    with pytest.raises(UsageError, match=r"would be written into .*class.*; name another folder"):
        collect([folder / path], lab(), folder / out)


@pytest.mark.parametrize("shape", ["folder", "zip"])
def test_results_in_a_class_are_no_submissions(tmp_path: Path, shape: str) -> None:
    folder = foldered(tmp_path / "class", {"cy/model.py": b"1", "cy/grade.json": b"", "cy/results.json": b""})
    foldered(folder, {"dan/notes/a.txt": b"", "dan/grade.json": b""})
    for name in ("ann", "bea"):
        zipped(folder / f"{name}.zip", MODULES)
    (folder / "bad.zip").write_text("no zip")
    grade_quickly(folder / "first run", folder)
    for name in ("ann", "bad"):  # as a run into the class left them, when that was possible
        shutil.copytree(folder / "first run" / name, folder / name)
    foldered(folder / "killed", {".convlab.lock": b""})
    path = folder
    if shape == "zip":
        path = zipped(
            tmp_path / "class.zip",
            {
                str(file.relative_to(folder)): file.read_bytes()
                for file in sorted(folder.rglob("*"))
                if file.is_file()
            },
        )
    said: list[str] = []
    items = collect([path], lab(), tmp_path / "out", said.append)
    assert sorted(item.id for item in items) == ["ann", "bad", "bea", "cy", "dan"]
    (told,) = said
    results = "ann, bad, first run, killed" if shape == "folder" else "ann, bad, first run"
    assert f"{path}: {results} passed over: results of convlab" in told
    assert set(look(path, None, lab()).names) == {"ann", "bea", "cy"}


def test_a_folder_of_results_is_not_graded(three: Path, tmp_path: Path) -> None:
    grade_quickly(tmp_path / "out", three)
    with pytest.raises(SubmissionError, match=r"ann, bea, cy passed over: .* name the submissions"):
        collect([tmp_path / "out"], lab(), tmp_path / "other")


def test_out_that_cannot_be_written(three: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for out in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/convlab-results")):
        with pytest.raises(UsageError, match=f"--out {out}: cannot be written: "):
            collect([three], lab(), out)


def test_out_that_is_a_circle_of_links(three: Path, tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(UsageError, match="circle: cannot be written: "):
        collect([three], lab(), tmp_path / "circle")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_out_without_permission(three: Path, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(UsageError, match="Permission denied"):
        collect([three], lab(), tmp_path / "locked" / "out")


def test_write_is_whole_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(tmp_path / "a" / "x.json", "old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match=r"x\.json cannot be written: No space left"):
        write_whole(tmp_path / "a" / "x.json", "new")
    assert [(path.name, path.read_text()) for path in (tmp_path / "a").iterdir()] == [("x.json", "old")]


def test_written_files_can_be_read_by_others(tmp_path: Path) -> None:
    write_whole(tmp_path / "x.json", "é")
    assert (tmp_path / "x.json").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "x.json").read_bytes() == "é".encode()


def test_a_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "x.json").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        write_whole(tmp_path / "x.json", "x")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


def test_of_several_files_all_are_written_or_none(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "b.json").mkdir(parents=True)
    (out / "a.json").write_text("old")
    with pytest.raises(UsageError, match=r"b\.json cannot be written"):
        write_all_or_nothing({out / "a.json": "new", out / "b.json": "new", out / "c.json": b"new"})
    assert sorted(path.name for path in out.iterdir()) == ["a.json", "b.json"]
    assert (out / "a.json").read_text() == "old"

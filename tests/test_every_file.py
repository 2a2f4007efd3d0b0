"""Every file of a class is somebody's: a row for each, whatever shape the class has, and none for junk."""

from __future__ import annotations

from pathlib import Path

import pytest
from handed_in import COMPLETE, foldered, zipped
from harness import lab
from platform_class import packed
from scripted import grade_quickly

from autograder.grade import Grade
from autograder.gradebook.reading import read_results
from autograder.submission import Handed, SubmissionError, find_handed_in

LAB = packed(COMPLETE)
CLASSES = {
    "plain": {"ann.zip": LAB, "bea/model.py": b"1", "cem.zip": LAB},
    "canvas": {f"doe{n}_{9000 + n}_{77000 + n}_lab06.zip": LAB for n in range(8)},
    "moodle": {f"Jane Doe_{n}_assignsubmission_file_/lab06.zip": LAB for n in range(1, 8)},
}
LOOSE = (
    "fritz.pdf",
    "hans_convolution.py",
    "kim.zip.part",
    "notes.docx",
    "solo.py",
    "gina.ipynb",
    "model.py",
)
JUNK = (
    *(".DS_Store", "Thumbs.db", "desktop.ini", "README", "README.md", "grades.csv", "roster.xlsx"),
    *("index.html", "notes.txt", "~$notes.docx"),
)


def laid(tmp_path: Path, shape: str, files: dict[str, bytes]) -> Path:
    tmp_path.mkdir(exist_ok=True)
    return foldered(tmp_path / "class", files) if shape == "folder" else zipped(tmp_path / "class.zip", files)


def found(path: Path) -> dict[str, Handed]:
    return {one.id: one for one in find_handed_in(path, lab())}


def refused(one: Handed) -> str:
    with pytest.raises(SubmissionError) as error:
        one.open(lab())
    return str(error.value)


@pytest.mark.parametrize("shape", ["folder", "zip"])
@pytest.mark.parametrize("kind", CLASSES)
def test_each_file_beside_a_class_is_a_row(tmp_path: Path, kind: str, shape: str) -> None:
    before = len(found(laid(tmp_path / "a", shape, dict(CLASSES[kind]))))
    loose = LOOSE if shape == "folder" else LOOSE[:-1]  # a module at its root makes a small archive one
    files = CLASSES[kind] | dict.fromkeys(loose, b"x") | dict.fromkeys(JUNK, b"x")
    rows = found(laid(tmp_path / "b", shape, files))
    assert len(rows) == before + len(loose)
    for name in loose:
        why = refused(rows[name])
        assert f"{name}: " in why
        assert "into a folder of its own" in why or "ask for a .zip or a folder with" in why


def test_such_files_are_in_the_table_and_the_report(tmp_path: Path) -> None:
    out = tmp_path / "out"
    rows = grade_quickly(out, laid(tmp_path, "folder", CLASSES["plain"] | {"fritz.pdf": b"%PDF"}))
    assert ".pdf cannot be graded" in str(rows["fritz.pdf"])
    assert ".pdf cannot be graded" in read_results(out).unreadable["fritz.pdf"]


# ---- archives within -------------------------------------------------------------------------------------


def wrapped(levels: int) -> bytes:
    data = LAB
    for _ in range(levels):
        data = packed({"lab06.zip": data})
    return data


@pytest.mark.parametrize("kind", ["canvas", "plain", "folders"])
@pytest.mark.parametrize("shape", ["folder", "zip"])
@pytest.mark.parametrize("levels", [0, 1, 2])
def test_an_archive_in_an_archive(tmp_path: Path, kind: str, shape: str, levels: int) -> None:
    names = {
        "canvas": ("doe_9001_77001_x.zip", "kim_9002_77002_lab.zip", "lee_9003_77003_lab.zip"),
        "plain": ("x.zip", "y.zip", "z.zip"),
        "folders": ("x/a.zip", "y/a.zip", "z/a.zip"),
    }[kind]
    files = {names[0]: wrapped(levels), names[1]: LAB, names[2]: LAB}
    one = next(iter(sorted(found(laid(tmp_path, shape, files)).items())))[1]
    if levels < 2:
        assert set(one.open(lab()).sources) == set(lab().modules)
    else:
        assert "hand in what is in lab06.zip" in refused(one)


def test_what_cannot_be_read_is_named_once(tmp_path: Path) -> None:
    rar = b"Rar!\x1a\x07\0"
    files = {"dora.rar": rar, "ann.zip": LAB, "bea.zip": LAB}
    assert "dora.rar/dora.rar" not in refused(found(laid(tmp_path, "zip", files))["dora.rar"])
    again = {"doe_9001_77001_dora.rar": rar, "kim_9002_77002_lab.zip": LAB}
    assert "a RAR archive cannot be read here" in refused(found(laid(tmp_path, "folder", again))["doe_9001"])


# ---- Moodle ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["folder", "zip"])
def test_moodles_folders(tmp_path: Path, shape: str) -> None:
    files = {
        "Ann Lee_1_assignsubmission_file_/lab06/sub/lab06.zip": LAB,
        "Bea Kim_2_assignfeedback_file_/feedback.pdf": b"",
        "Cem Oz_3_assignsubmission_onlinetext_/onlinetext.html": b"<p>done</p>",
        "Dan Ray_4_assignsubmission_file_/lab06.zip": LAB,
    }
    rows = found(laid(tmp_path, shape, files))
    assert set(rows["Ann Lee_1"].open(lab()).sources) == set(lab().modules)
    assert "there is only feedback that was given back" in refused(rows["Bea Kim_2"])
    assert "text that was typed into the platform" in refused(rows["Cem Oz_3"])
    for row in rows.values():
        assert row.student is not None
        assert any(name.startswith(f"{row.student.handed_in_as}/") for name in files)


# ---- ids -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inner", ["", "class/"])
def test_ids_are_the_same_for_a_folder_and_an_archive(tmp_path: Path, inner: str) -> None:
    files = {"A.zip": LAB, "a.zip": LAB, "bo.zip": LAB}
    folder = set(found_ids(foldered(tmp_path / "1" / "class", files), tmp_path))
    archive = set(
        found_ids(zipped(tmp_path / "class.zip", {inner + k: v for k, v in files.items()}), tmp_path)
    )
    assert folder == archive
    assert len(folder) == 3


def found_ids(path: Path, tmp_path: Path) -> list[str]:
    from autograder.batch import collect

    return [item.id for item in collect([path], lab(), tmp_path / "out")]


def test_the_endings_of_archives_are_no_part_of_a_name(tmp_path: Path) -> None:
    files = {"ida.tar.gz": b"", "bob.tar.xz": b"", "eva.tgz": b"", "ann.zip": LAB}
    assert set(found(foldered(tmp_path / "class", files))) == {"ida", "bob", "eva", "ann"}


def test_a_row_that_had_the_ending_in_its_name_is_carried_on(tmp_path: Path) -> None:
    place = foldered(tmp_path / "class", {"ann.zip": LAB, "bea.zip": packed({"model.py": b"1"})})
    out = tmp_path / "out"
    grade_quickly(out, place)
    (place / "ann.zip").rename(place / "ann-2.zip")
    rows = grade_quickly(out, place)
    assert isinstance(rows["ann-2"], Grade)
    assert not (out / "ann").exists()

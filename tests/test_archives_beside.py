"""An archive beside other files of a hand-in: what only it holds counts; two versions are asked about."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from handed_in import MODULES as RIGHT
from handed_in import book
from harness import lab

from autograder.submission import Submission, SubmissionError, find_handed_in

MODULES = {name.removesuffix(".py") for name in RIGHT}
BOOK = {lab().notebook: book(("q2_3", "Because."))}


def packed(files: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def opened(folder: Path, files: dict[str, bytes], *, canvas: bool = False) -> Submission:
    """A hand-in of a class, beside another one: a folder of its own, or Canvas's loose files."""
    others = {"poe_9002_77001_model.py" if canvas else "other/model.py": b"# other\n"}
    own = {
        (f"doe_9001_{78000 + n}_{name}" if canvas else f"ann/{name}"): content
        for n, (name, content) in enumerate(files.items())
    }
    for name, content in {**others, **own}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    found = find_handed_in(folder, lab())
    (mine,) = [one for one in found if "ann" in one.id or "doe" in one.id]
    return mine.open(lab())


@pytest.mark.parametrize("canvas", [False, True])
@pytest.mark.parametrize("around", ["", "lab06/"])
def test_a_notebook_beside_a_zip_of_everything(tmp_path: Path, canvas: bool, around: str) -> None:
    inner = {around + name: text for name, text in {**RIGHT, **BOOK}.items()}
    found = opened(tmp_path, {**BOOK, "all.zip": packed(inner)}, canvas=canvas)
    assert set(found.sources) == MODULES
    assert found.answers["q2_3"] == "Because."
    assert not [note for note in found.notes if "all.zip" in note]


@pytest.mark.parametrize("canvas", [False, True])
def test_modules_beside_a_zip_with_the_notebook(tmp_path: Path, canvas: bool) -> None:
    found = opened(tmp_path, {**RIGHT, "book.zip": packed(BOOK)}, canvas=canvas)
    assert set(found.sources) == MODULES
    assert found.answers["q2_3"] == "Because."
    assert not [note for note in found.notes if "No notebook" in note]


def test_a_zip_of_the_very_same_files_changes_nothing(tmp_path: Path) -> None:
    found = opened(tmp_path, {**RIGHT, **BOOK, "again.zip": packed({**RIGHT, **BOOK})})
    assert (set(found.sources), found.answers["q2_3"]) == (MODULES, "Because.")


def test_the_lab_as_it_was_handed_out_is_no_version(tmp_path: Path) -> None:
    given = {f"{name}.py": (lab().student / f"{name}.py").read_bytes() for name in MODULES}
    found = opened(tmp_path, {**RIGHT, "student.zip": packed({f"student/{k}": v for k, v in given.items()})})
    assert found.sources["model"] == RIGHT["model.py"].decode()


@pytest.mark.parametrize("canvas", [False, True])
def test_two_versions_are_asked_about(tmp_path: Path, canvas: bool) -> None:
    old = {"model.py": b"# old\n"}
    told = r"holds model\.py and another model\.py in all\.zip; keep one of them"
    with pytest.raises(SubmissionError, match=told):
        opened(tmp_path, {**old, "all.zip": packed(RIGHT)}, canvas=canvas)


@pytest.mark.parametrize("name", ["more.rar", "more.7z", "broken.zip", "pictures.zip"])
def test_what_adds_nothing_is_named(tmp_path: Path, name: str) -> None:
    content = packed({"a.png": b"x"}) if name == "pictures.zip" else b"Rar!"
    found = opened(tmp_path, {**RIGHT, name: content, "data.gz": b"x"})
    assert f"Not read: {name}." in found.notes

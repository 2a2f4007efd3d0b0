"""Pictures in written answers: kept beside the grade, named by what is in them, and nothing but pictures."""

from __future__ import annotations

import base64
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from handed_in import MODULES, zipped
from harness import lab
from lab_copy import ROOT
from scripted import Scripted

from autograder.batch import collect, grade_all
from autograder.grade import Grade
from autograder.handin import packing
from autograder.report.prose import prose
from autograder.submission import open_submission

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8) + (3).to_bytes(4, "big") * 2 + b"rest"
JPEG, WEBP = b"\xff\xd8\xff\xe0 and more", b"RIFF0000WEBPVP8 "
NAME = re.compile(r"attachment:([0-9a-f]{32}\.(png|jpg|webp))")


def notebook(source: str, **attachments: bytes) -> bytes:
    cell: dict[str, Any] = {
        "cell_type": "markdown",
        "id": "a",
        "metadata": {"convlab": {"question": "q2_3"}},
        "source": source,
        "attachments": {
            name: {"image/png": base64.b64encode(data).decode()} for name, data in attachments.items()
        },
    }
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def handed_in(folder: Path, data: bytes) -> Path:
    return zipped(folder / "ann.zip", {**MODULES, "lab06.ipynb": data})


@pytest.mark.parametrize(("data", "kind"), [(PNG, "png"), (JPEG, "jpg"), (WEBP, "webp")])
def test_an_attached_picture_is_named_by_what_is_in_it(tmp_path: Path, data: bytes, kind: str) -> None:
    found = open_submission(handed_in(tmp_path, notebook("See ![s](attachment:photo).", photo=data)), lab())
    match = NAME.search(found.answers["q2_3"])
    assert match is not None
    assert match[2] == kind
    assert base64.b64decode(found.pictures[match[1]]) == data


def test_an_attached_picture_may_be_kept_in_lines(tmp_path: Path) -> None:
    book = json.loads(notebook("![](attachment:p)", p=PNG))
    text = book["cells"][0]["attachments"]["p"]["image/png"]
    book["cells"][0]["attachments"]["p"]["image/png"] = [text[:8] + "\n", text[8:]]
    found = open_submission(handed_in(tmp_path, json.dumps(book).encode()), lab())
    assert [base64.b64decode(data) for data in found.pictures.values()] == [PNG]


def test_a_notebook_of_an_earlier_format_is_read(tmp_path: Path) -> None:
    cell = {
        "cell_type": "markdown",
        "metadata": {"convlab": {"question": "q2_3"}},
        "source": ["Because so."],
    }
    sheet = {"cells": [cell], "metadata": {}}
    book = {"worksheets": [sheet], "metadata": {}, "nbformat": 3, "nbformat_minor": 0}
    found = open_submission(handed_in(tmp_path, json.dumps(book).encode()), lab())
    assert found.answers["q2_3"] == "Because so."


def test_another_picture_is_another_answer(tmp_path: Path) -> None:
    answers = []
    for data in (PNG, PNG + b"!"):
        answers.append(
            open_submission(handed_in(tmp_path, notebook("![](attachment:p)", p=data)), lab()).answers
        )
    assert answers[0] != answers[1]


def test_a_picture_within_the_text(tmp_path: Path) -> None:
    inside = base64.b64encode(JPEG).decode()
    found = open_submission(
        handed_in(tmp_path, notebook(f"![a](data:image/jpeg;base64,{inside}) end")), lab()
    )
    assert NAME.fullmatch(found.answers["q2_3"].removeprefix("![a](").removesuffix(") end"))
    assert list(found.pictures.values()) == [inside]


SHOWN = {
    "markdown": "![](images/my%20photo.png)",
    "in angle brackets": "![a](<images/my photo.png> 'a title')",
    "a reference": "![sketch][p] and ![][P]\n\n[p]: images/my%20photo.png 'title'",
    "html": '<img src="images/my photo.png" width="300" alt="my [own] sketch">',
    "html over lines": "<IMG width=300\n  src='./images/my%20photo.png'\n/>",
    "html without quotes": "<p><img alt=x src=images/my%20photo.png></p>",
}


@pytest.mark.parametrize("how", SHOWN)
def test_a_picture_that_is_a_file_is_packed_read_and_shown(tmp_path: Path, how: str) -> None:
    """Whatever way an answer shows it, who marks sees it."""
    folder = tmp_path / "ann"
    (folder / "images").mkdir(parents=True)
    (folder / "lab06.ipynb").write_bytes(notebook(f"See {SHOWN[how]}\n\nend"))
    (folder / "images" / "my photo.png").write_bytes(PNG)
    shutil.copytree(ROOT / "student" / "lab06", folder / "lab06")
    told: list[str] = []
    packing.main(folder, told.append)
    assert not any(" shows " in line for line in told), told
    found = open_submission(folder / "lab06-submission.zip", lab())
    answer = found.answers["q2_3"]
    assert list(found.pictures.values()) == [base64.b64encode(PNG).decode()]
    page = prose(answer, lambda name: f"kept/{name}")
    assert page.count('<img class="photo" src="kept/') == (2 if how == "a reference" else 1)
    assert "my photo" not in page
    assert "end" in page


def test_the_words_of_a_picture_in_html_are_kept(tmp_path: Path) -> None:
    inside = base64.b64encode(PNG).decode()
    text = f'<img alt="my [own] &lt;sketch&gt;" src="data:image/png;base64,{inside}"/>'
    answer = open_submission(handed_in(tmp_path, notebook(text)), lab()).answers["q2_3"]
    assert answer.startswith("![my own <sketch>](attachment:")
    assert NAME.search(answer)


def test_an_attachment_with_a_space_in_its_name(tmp_path: Path) -> None:
    book = notebook("![](attachment:my%20photo.png)", **{"my photo.png": PNG})
    assert len(open_submission(handed_in(tmp_path, book), lab()).pictures) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<script>alert(1)</script>",
        PNG[:16] + (50_000).to_bytes(4, "big") * 2,
        b"",
        b"\x89PNG\r\n\x1a\n",
    ],
    ids=["svg", "script", "vast", "empty", "cut"],
)
def test_what_is_no_picture_is_not_kept(tmp_path: Path, data: bytes) -> None:
    found = open_submission(handed_in(tmp_path, notebook("![](attachment:p)", p=data)), lab())
    assert found.answers["q2_3"] == "![](attachment:p)"
    assert found.pictures == {}


def test_odd_attachments_cost_nothing(tmp_path: Path) -> None:
    book = json.loads(notebook("text ![](attachment:p)"))
    odd: dict[str, Any]
    for odd in ({}, {"q": {}}, {"p": {"image/png": 7}}, {"p": {"image/png": "not base64!"}}):
        book["cells"][0]["attachments"] = odd
        found = open_submission(handed_in(tmp_path, json.dumps(book).encode()), lab())
        assert found.answers["q2_3"] == "text ![](attachment:p)"


def test_code_and_pictures_are_kept_beside_the_grade(tmp_path: Path) -> None:
    path = handed_in(tmp_path, notebook("![](attachment:p)", p=PNG))
    out = tmp_path / "out"
    (done,) = grade_all(collect([path], lab(), out), Scripted(), out)
    assert isinstance(done.result, Grade)
    (picture,) = (out / "ann" / "pictures").iterdir()
    assert picture.read_bytes() == PNG
    kept = json.loads((out / "ann" / "handed-in.json").read_text())
    assert set(kept["sources"]) == {name.removesuffix(".py") for name in MODULES}

"""submit.py, run as students run it: what it finds, what it packs, how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.lab import load_lab
from autograder.release.sources import cut_lab
from autograder.submission import open_submission

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "assignment" / "handout" / "submit.py"
ZIP = "lab06-submission.zip"
MODULES = ("model.py", "training.py", "convolution.py", "gradient.py")


def notebook(answer: str = "Because.") -> bytes:
    cell = {"cell_type": "markdown", "metadata": {"convlab": {"question": "q2_3"}}, "source": [answer]}
    book = {"cells": [{**cell, "id": "a"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book).encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which all is well; modules import in no time."""
    place = tmp_path / "my lab"
    place.mkdir()
    (place / "submit.py").write_text(SOURCE.read_text().replace("SECONDS = 120", "SECONDS = 2"))
    for name in MODULES:
        (place / name).write_text("def function():\n    return 1\n")
    (place / "gradient.py").write_text("from convolution import function\n")
    (place / "lab06.ipynb").write_bytes(notebook())
    (place / "lab06").mkdir()
    facts = cut_lab(load_lab(ROOT)).package["lab06/facts.json"]
    (place / "lab06" / "facts.json").write_bytes(facts)
    return place


def submit(folder: Path, cwd: Path | None = None, encoding: str = "utf-8") -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(folder / "submit.py")],
        cwd=cwd or folder,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert not done.stderr
    return done.returncode, done.stdout


def packed(folder: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(folder / ZIP) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_four_modules_and_the_notebook_are_packed(folder: Path, tmp_path: Path) -> None:
    (folder / "secret.txt").write_text("not handed in")
    code, said = submit(folder, cwd=tmp_path)
    assert code == 0
    assert "PROBLEM" not in said
    assert str(folder / ZIP) in said
    names = [*MODULES, "lab06.ipynb"]
    assert packed(folder) == {name: (folder / name).read_bytes() for name in names}
    for name in names:
        assert f"{(folder / name).stat().st_size:,} bytes" in said
    assert not (folder / "__pycache__").exists()

    first = (folder / ZIP).read_bytes()
    os.utime(folder / "model.py", (0, 0))
    submit(folder)
    assert (folder / ZIP).read_bytes() == first


def test_the_grader_reads_the_zip(folder: Path) -> None:
    submit(folder)
    submission = open_submission(folder / ZIP, load_lab(ROOT))
    assert submission.sources == {Path(n).stem: (folder / n).read_text() for n in MODULES}
    assert submission.answers == {"q2_3": "Because."}
    assert not submission.problems


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("model.py", None, "model.py is missing"),
        ("lab06.ipynb", None, "lab06.ipynb is missing"),
        ("model.py", b" \n", "model.py is empty"),
        ("model.py", b"x = 1\ndef f(:\n", "model.py, line 2 does not compile"),
        ("model.py", b"x = 1\n# \xe9\n", "model.py, line 2 cannot be read as utf-8"),
        ("model.py", b"x = " + b"-" * 100_000 + b"1\n", "model.py is nested too deeply"),
        ("model.py", b"raise ValueError('\\ud800')\n", "model.py, line 1: ValueError: "),
        ("model.py", b"import a_package_that_is_not_there\n", "model.py, line 1: ModuleNotFoundError"),
        ("model.py", b"def f():\n    1 / 0\n\nf()\n", "model.py, line 2: ZeroDivisionError"),
        ("convolution.py", b"x = 1\n", "gradient.py cannot be imported: gradient.py, line 1: ImportError"),
        ("model.py", b"import time\ntime.sleep(60)\n", "model.py cannot be imported: it did not finish"),
        ("model.py", b"import os\nos._exit(3)\n", "Python ended while it ran (exit status 3)"),
        ("model.py", b"raise SystemExit('bye')\n", "SystemExit: bye"),
        ("model.py", b"x = '" + b"a" * (300 << 10) + b"'\n", "larger than 256 KiB"),
        ("lab06.ipynb", b"{", "lab06.ipynb is not a notebook"),
        ("lab06.ipynb", b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        ("lab06.ipynb", b"[1]", "lab06.ipynb is not a notebook"),
        ("lab06.ipynb", b"", "lab06.ipynb is empty"),
        ("lab06.ipynb", b"\xff", "lab06.ipynb is not a notebook"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_is_packed(
    folder: Path, name: str, content: bytes | None, said: str
) -> None:
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    code, output = submit(folder)
    assert code == 1
    problems = [line for line in output.splitlines() if line.startswith("PROBLEM")]
    assert said in "\n".join(problems)
    assert len(problems) == 1
    assert (name in packed(folder)) == (content is not None)
    assert len(packed(folder)) == (5 if content is not None else 4)


def test_what_a_module_prints_is_no_problem(folder: Path) -> None:
    (folder / "model.py").write_text("import os\nprint('ok?')\nos.system('echo hello')\nprint('\\u2713')\n")
    assert submit(folder)[0] == 0


def test_what_is_not_written_yet_is_noted(folder: Path) -> None:
    (folder / "model.py").write_text(
        "def one():\n    for x in y:\n        raise NotImplementedError('later')\n\n"
        "def two():\n    raise NotImplementedError\n\ndef three():\n    raise ValueError\n"
    )
    (folder / "lab06.ipynb").write_bytes(notebook("*Write your answer to q2_3 here, in place of this line.*"))
    code, said = submit(folder)
    assert code == 0
    notes = [line for line in said.splitlines() if line.startswith("note")]
    assert [note.split(": ")[1] for note in notes] == [
        "one() is not written yet",
        "two() is not written yet",
        "the answer to q2_3 is not written yet",
    ]


@pytest.mark.parametrize(
    "cell",
    [
        {"metadata": None, "source": ""},
        {"metadata": [], "source": None},
        {"metadata": {"convlab": "q2_3"}, "source": ""},
        {"metadata": {"convlab": {"question": 3}}, "source": [1, 2]},
        {},
    ],
)
def test_strange_cells_are_packed(folder: Path, cell: dict[str, object]) -> None:
    (folder / "lab06.ipynb").write_text(json.dumps({"cells": [cell]}))
    assert submit(folder)[0] == 0


def test_a_terminal_without_the_letters_of_the_path(folder: Path) -> None:
    place = folder.rename(folder.with_name("l\u00e4b \u4e2d"))
    (place / "model.py").write_text("x = '\\d'\nraise ValueError('\u2713')\n", encoding="utf-8")
    code, said = submit(place, encoding="ascii")
    assert code == 1
    assert "ValueError: \\u2713" in said
    assert "l\\xe4b" in said
    assert len(packed(place)) == 5


def test_what_the_grader_reads_is_no_problem(folder: Path) -> None:
    (folder / "model.py").write_bytes(b"# -*- coding: latin-1 -*-\nx = '\xe9'\n")
    (folder / "training.py").write_bytes(b"\xef\xbb\xbfx = 1\r\n")
    (folder / "lab06.ipynb").write_bytes(b"\xef\xbb\xbf" + notebook())
    code, said = submit(folder)
    assert code == 0, said
    submission = open_submission(folder / ZIP, load_lab(ROOT))
    assert len(submission.sources) == 4
    assert submission.answers == {"q2_3": "Because."}
    assert not submission.problems


def test_nothing_to_hand_in(folder: Path) -> None:
    for name in (*MODULES, "lab06.ipynb"):
        (folder / name).unlink()
    code, said = submit(folder)
    assert code == 2
    assert "No zip was made" in said
    assert not (folder / ZIP).exists()


@pytest.mark.parametrize("facts", [None, "", "[1]", '{"modules": 3}'])
def test_without_the_labs_facts_it_says_what_is_missing(folder: Path, facts: str | None) -> None:
    (folder / "lab06" / "facts.json").unlink()
    if facts is not None:
        (folder / "lab06" / "facts.json").write_text(facts)
    code, said = submit(folder)
    assert code == 2
    assert "No zip was made: facts.json" in said
    assert not (folder / ZIP).exists()


def test_the_labs_name_is_of_no_account(folder: Path) -> None:
    (folder / "lab06").rename(folder / "renamed")
    assert submit(folder)[0] == 0
    assert set(packed(folder)) == {*MODULES, "lab06.ipynb"}


def test_a_zip_that_cannot_be_written(folder: Path) -> None:
    (folder / ZIP).mkdir()
    code, said = submit(folder)
    assert code == 2
    assert "No zip was made" in said

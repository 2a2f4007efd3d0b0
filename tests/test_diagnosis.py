"""The name of a known mistake: where it comes from, where it shows, and when it is better not given."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from harness import ROOT, lab, local
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from autograder.checking.bank import LiveBank
from autograder.checking.diagnosis import (
    KnownMistake,
    Table,
    Watched,
    diagnosed,
    mistake_of,
    plain,
    same,
    unplain,
)
from autograder.checking.judge import CHANGED, Wrong
from autograder.checking.student import StudentFailure
from autograder.gradebook.gradescope import results
from autograder.grading import Grader, Options
from autograder.report import print_table
from autograder.submission import Submission

FLIPPED = "def apply_convolution(img, kernel):\n    return _convolved(img, kernel.flip(0, 1))\n"
NEGATED = "def apply_convolution(img, kernel):\n    return -_convolved(img, kernel)\n"
BROKEN = "def apply_convolution(img, kernel):\n    return img[99, 99]\n"
HEAD = (
    "import torch\ndef _convolved(img, kernel):\n"
    "    return torch.nn.functional.conv2d(img[None, None], kernel[None, None])[0, 0]\n"
)
IMG, KERNEL = torch.arange(12.0).reshape(3, 4) ** 2, torch.tensor([[1.0, -2.0], [3.0, 0.5]])
SOBEL = torch.tensor([[-1.0, 0.0, 1.0]])


@pytest.fixture
def bank(tmp_path: Path) -> LiveBank:
    folder = tmp_path / "apply_convolution"
    folder.mkdir()
    for name, text in (("flipped_kernel", FLIPPED), ("sign", NEGATED), ("out_of_reach", BROKEN)):
        (folder / f"{name}.py").write_text(f'"""What {name} does.\n\nA hint.\n"""\n{HEAD}{text}')
    return LiveBank(lab(), tmp_path)


def called(text: str, kernel: torch.Tensor = KERNEL) -> Watched:
    student = Watched(local({"convolution": HEAD + text}))
    with contextlib.suppress(StudentFailure):
        student.run("convolve", img=IMG, kernel=kernel)
    return student


def test_the_outcome_names_the_mistake_however_it_is_coded(bank: LiveBank) -> None:
    other = "def apply_convolution(img, kernel):\n    return _convolved(img.flip(0, 1), kernel).flip(0, 1)\n"
    found = diagnosed(called(other).last, [bank])
    assert found == KnownMistake("flipped kernel", "What flipped_kernel does. A hint.")
    assert str(found) == "Known mistake: What flipped_kernel does. A hint."


def test_another_outcome_has_no_name(bank: LiveBank) -> None:
    doubled = "def apply_convolution(img, kernel):\n    return 2 * _convolved(img, kernel)\n"
    assert diagnosed(called(doubled).last, [bank]) is None


def test_two_mistakes_with_one_outcome_are_not_guessed_between(bank: LiveBank) -> None:
    assert diagnosed(called(FLIPPED, SOBEL).last, [bank]) is None
    assert diagnosed(called(FLIPPED).last, [bank]) is not None


def test_the_same_exception_is_the_same_outcome(bank: LiveBank) -> None:
    found = diagnosed(called(BROKEN).last, [bank])
    assert found is not None
    assert found.name == "out of reach"


def test_a_hang_or_a_crash_has_no_name(bank: LiveBank) -> None:
    class Dead:
        def run(self, probe: str, /, **arguments: object) -> None:
            raise StudentFailure("timeout", "too slow")

    student = Watched(Dead())
    with pytest.raises(StudentFailure):
        student.run("convolve", img=IMG, kernel=KERNEL)
    assert diagnosed(student.last, [bank]) is None


def test_the_judgement_itself_can_name_the_mistake(bank: LiveBank) -> None:
    assert mistake_of(Wrong("text", CHANGED), called(FLIPPED), [bank]) is CHANGED
    assert mistake_of(RuntimeError("the grader's own"), called(FLIPPED), [bank]) is None


def test_the_call_with_stand_ins_is_the_one_that_counts(bank: LiveBank) -> None:
    student = called(FLIPPED)
    student.run("convolve", img=IMG, kernel=KERNEL, own=True)
    assert student.last is not None
    assert "own" not in student.last.arguments


def test_a_table_knows_the_calls_that_it_was_made_of(tmp_path: Path) -> None:
    call = called(FLIPPED).last
    assert call is not None
    entry = {"name": "flipped kernel", "text": "Turned.", "outcome": plain(call.outcome)}
    path = tmp_path / "mistakes.json"
    path.write_text(json.dumps({call.key: [entry]}))
    assert diagnosed(call, [Table(path)]) == KnownMistake("flipped kernel", "Turned.")
    assert diagnosed(called(FLIPPED, 2 * KERNEL).last, [Table(path)]) is None


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_a_broken_table_names_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mistakes.json"
    path.write_text(text)
    assert diagnosed(called(FLIPPED).last, [Table(path)]) is None


LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=3)
TENSORS = st.lists(st.floats(-9, 9, width=32), max_size=4).map(torch.tensor)
VALUES = st.recursive(
    LEAVES | TENSORS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(VALUES)
def test_an_outcome_survives_the_table(value: object) -> None:
    assert same(unplain(json.loads(json.dumps(plain(value)))), value)  # type: ignore[arg-type]


@given(st.floats(1e-3, 1e3), st.sampled_from([(torch.float32, 1e-6), (torch.float64, 1e-12)]))
def test_rounding_makes_no_difference_and_more_does(
    size: float, precision: tuple[torch.dtype, float]
) -> None:
    dtype, rounding = precision
    value = size * torch.tensor([1.0, -2.0, 3.0], dtype=dtype)
    assert same(value, value * (1 + rounding))
    assert not same(value, value * 1.01)
    assert not same(value, value.to(torch.float16))


# ---- the same words everywhere ---------------------------------------------------------------------

TURNED = """
def apply_convolution(img, kernel):
    return torch.nn.functional.conv2d(img[None, None], kernel.flip(0, 1)[None, None])[0, 0]
"""
CHECK = "from autograder.checking.local import run_public; run_public('lab06', 'q2_2', 'small_kernel')"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A student's folder with one mistake in it."""
    place = tmp_path / "lab"
    shutil.copytree(ROOT / "student", place)
    with (place / "convolution.py").open("a") as stream:
        stream.write(TURNED)
    return place


def said(*command: str, folder: Path) -> str:
    done = subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False)
    return " ".join((done.stdout + done.stderr).split())


@pytest.mark.slow
def test_pytest_the_notebook_the_terminal_and_gradescope_say_the_same(folder: Path) -> None:
    sources = {name: (folder / f"{name}.py").read_text() for name in lab().modules}
    options = Options(frozenset({"q2_2"}), training=False)
    with Grader(lab(), options) as grader:
        grade = grader.grade(Submission("x", sources, digest="x"))
    check = next(c for c in grade.question("q2_2").checks if c.name == "small_kernel")
    words = " ".join(check.message.split())
    assert "6 of 6 values differ, the first at [0, 0]" in words
    assert words.endswith("meets the pixel in the window's upper left corner?")
    console = Console(file=io.StringIO(), width=400)
    print_table(grade, console, verbose=True)
    places = {
        "terminal": console.file.getvalue(),  # type: ignore[attr-defined]
        "Gradescope": " ".join(test["output"] for test in json.loads(results(grade))["tests"]),
        "pytest": said("-m", "pytest", "-q", "-k", "small_kernel and q2_2", folder=folder),
        "grader.check": said("-c", CHECK, folder=folder),
    }
    assert [name for name, text in places.items() if words not in " ".join(text.split())] == []

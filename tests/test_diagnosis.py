"""The name of a known mistake: where it comes from, where it shows, and when it is better not given."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from harness import ROOT, edited, lab, local
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from autograder.checking.bank import LiveBank
from autograder.checking.catalog import catalog
from autograder.checking.check import function_of
from autograder.checking.diagnosis import (
    CLASS_RETURNED,
    TOLD,
    Bank,
    Call,
    Evidence,
    KnownMistake,
    Table,
    Watched,
    diagnosed,
    failed,
    known_same,
    plain,
    proven,
    rounded,
    same,
    unplain,
)
from autograder.checking.judge import CHANGED, Wrong
from autograder.checking.student import StudentFailure
from autograder.gradebook.gradescope import results
from autograder.grading import Grader
from autograder.release.mistakes import same_table
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


def failing(text: str, kernel: torch.Tensor = KERNEL) -> list[Evidence]:
    return [called(text, kernel).evidence(passed=False)]


def names(evidence: list[Evidence], bank: Bank) -> list[str]:
    return [mistake.name for mistake in bank.explaining(evidence)]


OTHER = "def apply_convolution(img, kernel):\n    return _convolved(img.flip(0, 1), kernel).flip(0, 1)\n"
DOUBLED = "def apply_convolution(img, kernel):\n    return 2 * _convolved(img, kernel)\n"
SOMETIMES = """def apply_convolution(img, kernel):
    return _convolved(img, kernel.flip(0, 1) if kernel.shape[0] > 1 else 2 * kernel)
"""


def test_the_outcome_names_the_mistake_however_it_is_coded(bank: LiveBank) -> None:
    found = diagnosed(failing(OTHER), bank)
    assert found == KnownMistake("flipped kernel", "What flipped_kernel does. A hint.")
    assert str(found) == "Known mistake: What flipped_kernel does. A hint."


def test_another_outcome_has_no_name(bank: LiveBank) -> None:
    assert diagnosed(failing(DOUBLED), bank) is None


def test_two_mistakes_with_one_outcome_are_not_guessed_between(bank: LiveBank) -> None:
    assert names(failing(FLIPPED, SOBEL), bank) == ["flipped kernel", "sign"]
    assert diagnosed(failing(FLIPPED, SOBEL), bank) is None
    assert diagnosed(failing(FLIPPED), bank) is not None


def test_a_mistake_must_explain_what_passed_and_what_failed(bank: LiveBank) -> None:
    mixed = failing(SOMETIMES) + failing(SOMETIMES, SOBEL)
    assert diagnosed(mixed[:1], bank) is not None
    assert diagnosed(mixed, bank) is None
    assert diagnosed([*failing(FLIPPED), called(DOUBLED).evidence(passed=True)], bank) is None
    assert names([*failing(FLIPPED), *failing(FLIPPED, SOBEL)], bank) == ["flipped kernel"]


def test_the_same_exception_is_the_same_outcome(bank: LiveBank) -> None:
    assert names(failing(BROKEN), bank) == ["out of reach"]
    assert names(failing(BROKEN.replace("99, 99", "98, 98")), bank) == []


@pytest.mark.parametrize(
    "text",
    [
        "def apply_convolution(img, kernel):\n    return np.flip(img)\n",
        "def apply_convolution(img, kernel):\n    return torch.flipp(img)\n",
        "def apply_convolutions(img, kernel):\n    return img\n",
        "import a_package_that_is_not_there\n",
    ],
)
def test_a_mistake_that_is_broken_explains_nothing(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "apply_convolution"
    folder.mkdir()
    (folder / "broken.py").write_text(f'"""What is broken.\n\nA hint.\n"""\n{HEAD}{text}')
    evidence = failing(text)
    assert evidence[0].calls[0].outcome
    assert names(evidence, LiveBank(lab(), tmp_path)) == []


def test_what_a_probe_says_that_is_not_marked_explains_nothing(bank: LiveBank) -> None:
    unknown = Evidence((Call("walked_weights", {"points": [0]}, {"points": []}),), False)
    assert diagnosed([*failing(FLIPPED), unknown], bank) is None
    assert diagnosed([*failing(FLIPPED), Evidence(unknown.calls, True)], bank) is not None


def test_a_hang_or_a_crash_has_no_name(bank: LiveBank) -> None:
    class Dead:
        def run(self, probe: str, /, **arguments: object) -> None:
            raise StudentFailure("timeout", "too slow")

    student = Watched(Dead())
    with pytest.raises(StudentFailure):
        student.run("convolve", img=IMG, kernel=KERNEL)
    assert diagnosed([student.evidence(passed=False)], bank) is None


def test_the_judgement_itself_can_name_the_mistake() -> None:
    assert proven(Wrong("text", CHANGED)) is CHANGED
    assert proven(RuntimeError("the grader's own")) is None


@pytest.mark.parametrize(
    ("probe", "text"),
    [
        ("loss_of", "import torch\ndef make_loss():\n    return torch.nn.CrossEntropyLoss\n"),
        ("optimizer_steps", "import torch\ndef make_optimizer(m):\n    return torch.optim.RMSprop\n"),
    ],
)
def test_a_class_in_place_of_an_instance_is_said_to_be_one(probe: str, text: str) -> None:
    given: dict[str, dict[str, Any]] = {
        "loss_of": {"logits": torch.zeros(2, 3), "labels": torch.tensor([0, 1])},
        "optimizer_steps": {"weights": {"w": torch.ones(2)}, "gradients": []},
    }
    with pytest.raises(StudentFailure, match=r"returned a class; create one with \(\)") as caught:
        local({"training": text}).run(probe, **given[probe])
    assert proven(caught.value) is CLASS_RETURNED


def test_a_layer_that_refuses_its_input_is_named_with_the_shape() -> None:
    text = (
        "from torch import nn\ndef build_model():\n"
        "    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(5, 10))\n"
    )
    with pytest.raises(StudentFailure) as caught:
        local({"model": text}).run("describe_model", images=torch.zeros(4, 1, 8, 8))
    assert "The layer 2, Linear(in_features=5" in caught.value.message
    assert caught.value.message.endswith("got a tensor of shape (4, 72), which does not fit.")


def test_the_call_with_stand_ins_is_the_one_that_counts() -> None:
    student = called(FLIPPED)
    student.run("convolve", img=IMG, kernel=KERNEL, own=True)
    assert ["own" in call.arguments for call in student.calls] == [False]


def test_a_table_knows_the_calls_that_it_was_made_of(tmp_path: Path) -> None:
    call = called(FLIPPED).calls[0]
    entry = {"name": "flipped kernel", "text": "Turned.", "outcome": plain(call.outcome)}
    path = tmp_path / "mistakes.json"
    path.write_text(json.dumps({call.key: [entry]}))
    assert diagnosed(failing(FLIPPED), Table(path)) == KnownMistake("flipped kernel", "Turned.")
    assert diagnosed(failing(FLIPPED, 2 * KERNEL), Table(path)) is None
    assert diagnosed([*failing(FLIPPED), Evidence((call,), True)], Table(path)) is not None
    right = Evidence((replace(call, outcome=called(NEGATED).calls[0].outcome),), True)
    assert diagnosed([*failing(FLIPPED), right], Table(path)) is None


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_a_broken_table_names_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mistakes.json"
    path.write_text(text)
    assert diagnosed(failing(FLIPPED), Table(path)) is None


def public_evidence(question: str, sources: dict[str, str]) -> list[Evidence]:
    """What the public checks of a question have to say of someone's modules."""
    found = []
    for check in catalog(lab(), hidden=False):
        if check.question == question:
            student, passed = Watched(local(sources)), True
            try:
                function_of(check)(student)
            except (Wrong, StudentFailure):
                passed = False
            found.append(student.evidence(passed=passed))
    return found


RELU = ("        nn.ReLU(),\n        nn.Flatten()", "        nn.Flatten()")
BOUNDS = (
    ("min(kernel_rows, i)\n", "min(kernel_rows, i) - 1\n"),
    ("min(kernel_cols, j)\n", "min(kernel_cols, j) - 1\n"),
)


@pytest.mark.parametrize(
    ("question", "module", "edits", "name"),
    [
        ("q1_1", "model", [RELU], "no relu after the third convolution"),
        ("q1_4", "training", [("lr=1e-3", "lr=1e-2")], "learning rate too large"),
        ("q3_3", "gradient", BOUNDS, "upper bounds left out"),
    ],
)
def test_students_get_the_name_although_checks_ask_each_of_something_else(
    question: str, module: str, edits: list[tuple[str, str]], name: str
) -> None:
    """What a check asks next may depend on what it was told; the table has the calls of mistakes too."""
    found = diagnosed(public_evidence(question, edited(module, *edits)), Table(lab().mistakes))
    assert found is not None
    assert found.name == name


NAMED_OTHERWISE = """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3)
        self.third, self.inner, self.scores = nn.Conv2d(64, 64, 3), nn.Linear(576, 64), nn.Linear(64, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.first(x)), 2)
        x = F.max_pool2d(F.relu(self.second(x)), 2)
        return self.scores(F.relu(self.inner(self.third(x).flatten(1))))


def build_model():
    return Net()
"""


def test_what_layers_are_called_makes_no_difference(warm: Grader) -> None:
    sources = {**edited("model"), "model": NAMED_OTHERWISE}
    found = diagnosed(public_evidence("q1_1", sources), Table(lab().mistakes))
    assert found is not None
    assert found.name == "no relu after the third convolution"
    grade = warm.grade(Submission("someone", sources), frozenset({"q1_1"}))
    told = [check.message for check in grade.question("q1_1").checks if check.verdict != "passed"]
    assert told
    assert all("no ReLU after the third convolution" in text for text in told)


@pytest.mark.parametrize(
    ("message", "known"), [("(1x1728 and 576x64)", True), ("(3x1728 and 576x64)", False)]
)
def test_a_failure_of_a_random_probe_is_known_by_its_message(message: str, known: bool) -> None:
    failure = {"failure": f"RuntimeError: mat1 and mat2 shapes cannot be multiplied {message}"}
    call = Call("describe_model", {"images": torch.zeros(3, 1, 28, 28)}, {**failure})
    assert (diagnosed([Evidence((call,), False)], LiveBank(lab())) is not None) == known


@pytest.mark.parametrize("words", ["float division by zero", "division by zero", "integer modulo by zero"])
def test_a_division_by_zero_is_known_in_whatever_words(words: str) -> None:
    """They differ from Python to Python."""
    known = failed(StudentFailure("error", "ZeroDivisionError: by zero", kind="ZeroDivisionError"))
    other = StudentFailure("error", f"ZeroDivisionError: {words}", kind="ZeroDivisionError")
    assert known_same(failed(other), known)


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
    kept = rounded(plain(value), TOLD)  # type: ignore[arg-type]
    assert same(unplain(json.loads(json.dumps(kept))), value)  # type: ignore[arg-type]


def test_a_call_has_the_same_key_on_another_processor() -> None:
    def key(img: torch.Tensor) -> str:
        return Call("convolve", {"img": img, "kernel": KERNEL}, None).key

    img = torch.tensor([[0.30004, -1.2341, 7.6543e-6]])
    assert key(img) == key(img * (1 + 1e-6))
    assert key(img) != key(img * 1.01) != key(img.double()) != key(img.T)


@pytest.mark.ci
def test_the_table_is_the_same_on_another_processor(tmp_path: Path) -> None:
    slower = {"ATEN_CPU_CAPABILITY": "default", "DNNL_MAX_CPU_ISA": "SSE41", "MKL_CBWR": "COMPATIBLE"}
    code = """
import sys
from autograder.lab import load_lab
from autograder.release.mistakes import table_bytes
sys.stdout.buffer.write(table_bytes(load_lab()))
"""
    command = [sys.executable, "-c", code]
    made = subprocess.run(command, cwd=ROOT, env=os.environ | slower, capture_output=True, check=True)
    there = lab().mistakes.read_bytes()
    assert json.loads(made.stdout).keys() == json.loads(there).keys()
    assert same_table(made.stdout, there)


def test_tables_are_the_same_but_for_rounding() -> None:
    def table(value: float, text: str = "Turned.") -> bytes:
        outcome = plain({"value": torch.tensor([value, 2.0])})
        return json.dumps({"0123": [{"name": "flipped kernel", "text": text, "outcome": outcome}]}).encode()

    assert same_table(table(1.0), table(1.0 + 1e-6))
    assert not same_table(table(1.0), table(1.01))
    assert not same_table(table(1.0), table(1.0, "Turned around."))
    assert not same_table(table(1.0), b"<<<<<<< ours\n" + table(1.0))
    assert not same_table(table(1.0), b"{}")


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
def test_pytest_the_notebook_the_terminal_and_gradescope_say_the_same(folder: Path, warm: Grader) -> None:
    sources = {name: (folder / f"{name}.py").read_text() for name in lab().modules}
    grade = warm.variant(only=frozenset({"q2_2"})).grade(Submission("x", sources, digest="x"))
    check = next(c for c in grade.question("q2_2").checks if c.name == "small_kernel")
    words = " ".join(check.message.split())
    assert "6 of 6 values differ, the first at [0, 0]" in words
    assert words.startswith("Known mistake: ")
    console = Console(file=io.StringIO(), width=400)
    print_table(grade, console, verbose=True)
    places = {
        "terminal": console.file.getvalue(),  # type: ignore[attr-defined]
        "Gradescope": " ".join(test["output"] for test in json.loads(results(grade))["tests"]),
        "pytest": said("-m", "pytest", "-q", "-k", "small_kernel and q2_2", folder=folder),
        "grader.check": said("-c", CHECK, folder=folder),
    }
    assert [name for name, text in places.items() if words not in " ".join(text.split())] == []

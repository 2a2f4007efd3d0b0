"""Notes about library calls where the work was to be done by hand."""

from __future__ import annotations

import pytest
import torch
from harness import ROOT, local
from lab06.by_hand import BY_HAND

from autograder.grade import Grade, Verdict
from autograder.grading import Grader
from autograder.grading.shortcuts import shortcuts
from autograder.lab import Lab, load_lab
from autograder.submission import Submission

REFERENCE = {path.stem: path.read_text() for path in (ROOT / "solutions").glob("*.py")}
CONV2D = """import torch.nn.functional as F
def apply_convolution(img, kernel):
    return F.conv2d(img[None, None], kernel[None, None])[0, 0]
"""
LAYER = """import torch
def layer(kernel):
    made = torch.nn.Conv2d(1, 1, tuple(kernel.shape), bias=False)
    made.weight.data = kernel[None, None]
    return made
def apply_convolution(img, kernel):
    return layer(kernel)(img[None, None])[0, 0].detach()
"""
HIDDEN = """import torch
def apply_convolution(img, kernel):
    return getattr(torch, "conv" + "2d")(img[None, None], kernel[None, None])[0, 0]
"""
UNUSED = """import torch.nn.functional as F
def by_library(img, kernel):
    return F.conv2d(img[None, None], kernel[None, None])[0, 0]
"""
AUTOGRAD = """import torch
from convolution import apply_convolution
def conv_gradient_wrt_input(dloss_dy, kernel):
    shape = [a + b - 1 for a, b in zip(dloss_dy.shape, kernel.shape)]
    x = torch.zeros(shape, dtype=dloss_dy.dtype, requires_grad=True)
    (apply_convolution(x, kernel) * dloss_dy).sum().backward()
    return x.grad
"""


@pytest.fixture(scope="module")
def lab() -> Lab:
    return load_lab()


@pytest.fixture(scope="module")
def grader(warm: Grader) -> Grader:
    return warm.variant(seed=1)


def graded(grader: Grader, **modules: str) -> Grade:
    sources = {**REFERENCE, **{name: f"{REFERENCE[name]}\n{text}" for name, text in modules.items()}}
    return grader.grade(Submission("x", sources, digest="x"))


def test_work_by_hand_leaves_no_note(grader: Grader) -> None:
    grade = graded(grader)
    assert all(question.shortcuts == () for question in grade.questions)


@pytest.mark.parametrize(
    ("modules", "question", "begins", "ends"),
    [
        ({"convolution": CONV2D}, "q2_2", "conv2d: convolution.py, line ", "; seen at run time"),
        ({"convolution": LAYER}, "q2_2", "Conv2d: convolution.py, line ", "; seen at run time"),
        ({"convolution": HIDDEN}, "q2_2", "conv2d: seen at run time, not found in convolution.py", ""),
        ({"gradient": AUTOGRAD}, "q3_3", "backward: gradient.py, line ", "; seen at run time"),
    ],
)
def test_a_library_call_is_noted_and_costs_nothing(
    grader: Grader, modules: dict[str, str], question: str, begins: str, ends: str
) -> None:
    grade = graded(grader, **modules)
    (note,) = grade.question(question).shortcuts
    assert note.startswith(begins)
    assert note.endswith(ends)
    assert grade.score == 73
    assert not [other for other in grade.questions if other.id != question and other.shortcuts]


def test_a_helper_that_is_not_called_is_not_noted(grader: Grader) -> None:
    assert graded(grader, convolution=UNUSED).question("q2_2").shortcuts == ()


def test_a_name_in_the_text_that_does_not_run_is_told_apart(lab: Lab) -> None:
    (found,) = shortcuts({"convolution": CONV2D}, lab.question("q2_2"), (), BY_HAND)
    assert str(found) == "conv2d: convolution.py, line 3; not seen at run time"
    assert not found.certain


def test_reading_a_gradient_is_no_call_of_autograd(lab: Lab) -> None:
    text = "def conv_gradient_wrt_input(dloss_dy, kernel):\n    return dloss_dy.grad\n"
    assert shortcuts({"gradient": text}, lab.question("q3_3"), (), BY_HAND) == []


@pytest.mark.parametrize("text", ["def (", "x = " + "(" * 500, "\0"])
def test_a_module_that_does_not_parse_has_no_notes(lab: Lab, text: str) -> None:
    assert shortcuts({"convolution": text}, lab.question("q2_2"), (), BY_HAND) == []


def test_what_a_worker_says_is_taken_from_a_list_only(lab: Lab) -> None:
    assert shortcuts({}, lab.question("q2_2"), ("<b>conv2d", "rm -rf", "x" * 10_000), BY_HAND) == []


def test_they_cost_points_where_the_assignment_says_so(grader: Grader, lab: Lab) -> None:
    strict = lab.model_copy(update={"shortcuts_cost_points": True})
    other = grader.variant(only=frozenset({"q2_2"}))
    other.lab = strict
    question = graded(other, convolution=CONV2D).question("q2_2")
    assert (question.score, question.verdict) == (0, Verdict.WRONG)
    assert "by hand" in question.checks[0].message
    assert graded(other, convolution=HIDDEN).question("q2_2").score == 10
    assert graded(other).question("q2_2").score == 10


def test_the_trace_changes_no_result() -> None:
    img, kernel = torch.rand(5, 6), torch.rand(2, 3)
    reply = local({"convolution": CONV2D}).run("convolve", img=img, kernel=kernel, by_name=True)
    assert isinstance(reply, dict)
    assert reply["called"] == ["conv2d"]
    assert torch.equal(reply["value"]["value"], reply["again"]["value"])  # type: ignore

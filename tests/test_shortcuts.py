"""Notes about library calls where the work was to be done by hand."""

from __future__ import annotations

import re

import pytest
import torch
from harness import ROOT, local
from lab06.by_hand import BY_HAND

from autograder.grade import Grade, Verdict
from autograder.grading import Grader
from autograder.grading.shortcuts import intrusions, shortcuts
from autograder.lab import Lab, load_lab
from autograder.submission import Submission
from autograder.watching import OTHERWISE, TOO_LONG, TOO_MUCH, UNWATCHED, unwatched_for

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


@pytest.mark.slow
def test_work_by_hand_leaves_no_note(grader: Grader) -> None:
    grade = graded(grader)
    assert all(question.shortcuts == () for question in grade.questions)


@pytest.mark.parametrize(
    ("modules", "question", "note"),
    [
        ({"convolution": CONV2D}, "q2_2", "convolution: {}; aten::convolution seen at run time"),
        ({"convolution": LAYER}, "q2_2", "convolution: {}; aten::convolution seen at run time"),
        (
            {"convolution": HIDDEN},
            "q2_2",
            "convolution: {}; aten::convolution seen at run time, not named in",
        ),
        ({"gradient": AUTOGRAD}, "q3_3", "autograd: {}; autograd::backward, torch:"),
    ],
)
def test_a_library_call_is_noted_and_costs_nothing(
    grader: Grader, modules: dict[str, str], question: str, note: str
) -> None:
    grade = graded(grader, **modules)
    found, *more = grade.question(question).shortcuts
    assert re.sub(r"\w+\.py, line \d+", "{}", found).startswith(note)
    assert grade.score == 73
    hidden = {note for other in grade.questions if other.id != question for note in other.shortcuts} | {*more}
    assert all(note.startswith("getattr of a name that is put together: ") for note in hidden), hidden


@pytest.mark.slow
def test_a_helper_that_is_not_called_is_not_noted(grader: Grader) -> None:
    assert graded(grader, convolution=UNUSED).question("q2_2").shortcuts == ()


def test_a_name_in_the_text_makes_a_note_only_where_no_call_was_watched(lab: Lab) -> None:
    (found,) = shortcuts({"convolution": CONV2D}, lab.question("q2_2"), None, BY_HAND)
    assert str(found) == "convolution: convolution.py, line 3; it could not be watched"
    assert not found.certain
    assert shortcuts({"convolution": CONV2D}, lab.question("q2_2"), (), BY_HAND) == []


@pytest.mark.parametrize(
    "body",
    [
        "return dloss_dy.grad",
        "grad = dloss_dy\n    return grad",
        "def conv2d(x):\n        return x\n    return conv2d(dloss_dy)",
        "return unfold(dloss_dy)\ndef unfold(x):\n    return x",
        "return Box().backward()\nclass Box:\n    def backward(self):\n        return 1",
        "# F.conv2d\n    return dloss_dy",
    ],
)
def test_names_that_do_not_lead_to_a_library_count_for_nothing(lab: Lab, body: str) -> None:
    text = f"def conv_gradient_wrt_input(dloss_dy, kernel):\n    {body}\n"
    assert shortcuts({"gradient": text}, lab.question("q3_3"), None, BY_HAND) == []


@pytest.mark.parametrize("text", ["def (", "x = " + "(" * 500, "\0"])
def test_a_module_that_does_not_parse_has_no_notes(lab: Lab, text: str) -> None:
    assert shortcuts({"convolution": text}, lab.question("q2_2"), None, BY_HAND) == []


@pytest.mark.parametrize(
    "claim",
    [
        ("convolution", "<b>conv2d", "convolution.py", 1),
        ("convolution", "aten::conv_no_such", "convolution.py", 1),
        ("convolution", "aten::add", "convolution.py", 1),
        ("rm -rf", "aten::convolution", "convolution.py", 1),
    ],
)
def test_of_what_a_worker_says_only_known_operations_are_believed(
    lab: Lab, claim: tuple[str, str, str, int]
) -> None:
    assert shortcuts({"convolution": "\n"}, lab.question("q2_2"), [claim], BY_HAND) == []


def test_a_line_that_is_not_there_is_not_shown(lab: Lab) -> None:
    claim = ("convolution", "aten::convolution", "../secrets.py", 10**9)
    (found,) = shortcuts({"convolution": "\n"}, lab.question("q2_2"), [claim], BY_HAND)
    assert str(found) == "convolution: aten::convolution seen at run time, not named in the text"


def test_they_cost_points_where_the_assignment_says_so(grader: Grader, lab: Lab) -> None:
    strict = lab.model_copy(update={"shortcuts_cost_points": True})
    other = grader.variant(only=frozenset({"q2_2"}))
    other.lab = strict
    question = graded(other, convolution=CONV2D).question("q2_2")
    assert (question.score, question.verdict) == (0, Verdict.WRONG)
    assert "by hand" in question.checks[0].message
    assert graded(other, convolution=HIDDEN).question("q2_2").score == 10
    assert graded(other).question("q2_2").score == 10


def watched(text: str) -> object:
    img, kernel = torch.rand(5, 6), torch.rand(2, 3)
    reply = local({"convolution": text}).run("convolve", img=img, kernel=kernel, by_name=True)
    assert isinstance(reply, dict)
    assert torch.equal(reply["value"]["value"], reply["again"]["value"])  # type: ignore
    return reply["called"]


def test_the_line_is_the_one_that_ran() -> None:
    assert watched(CONV2D) == [["convolution", "aten::convolution", "convolution.py", 3]]


BREAKS = """import torch
from torch.utils._python_dispatch import _len_torch_dispatch_stack
def apply_convolution(img, kernel):
    if _len_torch_dispatch_stack():
        DO
    return torch.zeros(4, 4)
"""


@pytest.mark.parametrize(
    ("do", "why"),
    [
        ("raise ValueError", OTHERWISE),
        ("img.zero_()", ""),
        ("print('x'); torch.rand(1)", ""),
        ("[img.sum() for _ in range(9999)]", TOO_MUCH),
    ],
)
def test_being_watched_changes_nothing(do: str, why: str, capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    img = torch.ones(5, 5)
    reply = local({"convolution": BREAKS.replace("DO", do)}).run(
        "convolve", img=img, kernel=torch.ones(2, 2), by_name=True
    )
    assert torch.equal(torch.rand(1), expected)
    assert isinstance(reply, dict)
    assert torch.equal(reply["arguments"][0], torch.ones(5, 5))  # type: ignore
    assert reply["called"] == (unwatched_for(why) if why else [])
    assert capsys.readouterr().out == ""


IDLE = """
from time import process_time

import torch
import torch.nn.functional as F

calls = []


def apply_convolution(img, kernel):
    calls.append(1)
    end = process_time() + 0.6
    DO
    return getattr(F, "conv" + "2d")(img[None, None], kernel[None, None])[0, 0]
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("do", "why"),
    [
        ("calls[2:] and [torch.zeros(1) + 1 for _ in range(5001)]", TOO_MUCH),
        ("calls[2:] and 1 / 0", OTHERWISE),
        ("while process_time() < end: pass", TOO_LONG),
    ],
)
def test_what_will_not_be_watched_is_a_note(lab: Lab, do: str, why: str) -> None:
    """Code that sees that it is watched, or tires the watch out, answers as it likes; a note says so."""
    text = IDLE.replace("DO", do)
    reply = local({"convolution": text}).run(
        "convolve", img=torch.ones(5, 5), kernel=torch.ones(2, 2), by_name=True
    )
    assert isinstance(reply, dict)
    assert reply["called"] == unwatched_for(why)
    (found,) = shortcuts({"convolution": text}, lab.question("q2_2"), {(UNWATCHED, why, "", 0)}, BY_HAND)
    assert str(found) == f"a call could not be watched: {why}"
    (hidden,) = intrusions(text, "convolution", set())
    assert str(hidden) == "getattr of a name that is put together: convolution.py, line 14"


def test_names_that_are_put_together_are_no_matter_where_no_library_is_asked() -> None:
    text = "class Net:\n    def layer(self, n):\n        return getattr(self, f'conv{n}')\n"
    assert intrusions(text, "model", set()) == []

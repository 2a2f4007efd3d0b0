"""What `grader.check` shows in a notebook and in a terminal: what helps first, in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
import torch
from harness import lab, reference_sources
from hypothesis import given
from hypothesis import strategies as st

from autograder.checking.display import Checked
from autograder.checking.judge import Compared, Wrong, close
from autograder.checking.notebook import Notebook
from autograder.checking.outcome import PublicOutcome
from autograder.checking.student import LocalStudent
from autograder.release.sources import cut_lab
from autograder.release.student import student_files

FLIPPED = """
import torch
def compute_convolution_at_position(i, j, img, kernel):
    r, c = kernel.shape
    return (img[i : i + r, j : j + c] * kernel).sum()
def apply_convolution(img, kernel):
    r, c = kernel.shape
    rows = range(img.shape[0] - r + 1)
    columns = range(img.shape[1] - c + 1)
    turned = kernel.flip(0, 1)
    return torch.stack([torch.stack([(img[i:i+r, j:j+c] * turned).sum() for j in columns]) for i in rows])
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A student's folder, which is the working directory; the lab's package is the one that is imported."""
    for name, data in student_files(cut_lab(lab()), b"{}").items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    monkeypatch.chdir(tmp_path)
    return tmp_path


Edit = Callable[[str], object]


@pytest.fixture
def write(folder: Path) -> Edit:
    return (folder / "convolution.py").write_text


def grader() -> Notebook:
    return Notebook("lab06.ipynb")


class Words(HTMLParser):
    """The words of a piece of HTML, and which of them are folded away."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.shown: list[str] = []
        self.folded: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.tags.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        folded = "details" in self.tags and "summary" not in self.tags
        (self.folded if folded else self.shown).append(data)


def test_a_module_of_ones_own_in_a_folder_is_told_with_its_line(folder: Path, write: Edit) -> None:
    (folder / "tools").mkdir()
    (folder / "tools" / "sums.py").write_text("TWO = 2\n")
    write("from tools.sums import TWO\ndef apply_convolution(img, kernel):\n    return img * TWO\n")
    shown = " ".join(repr(grader().check("q2_2")).split())
    told = "convolution.py, line 1: imports tools.sums, but there is no file tools.py in the submission"
    assert f"ImportError: {told}" in shown
    assert shown.count(told) == 2, "the failure, and the remark about the file"


def test_a_stub_is_not_started_and_says_where(folder: Path) -> None:
    result = grader().check("q2_1")
    lines = (folder / "convolution.py").read_text().splitlines()
    place = re.search(r"convolution.py, line (\d+)", repr(result))
    assert place
    assert "NotImplementedError" in lines[int(place[1]) - 1]
    assert repr(result).startswith("q2_1: Not started.")
    assert "#b42318" not in result._repr_html_()
    assert result.grade == 0


def test_what_passes_says_so(folder: Path, write: Edit) -> None:
    write(reference_sources()["convolution"])
    result = grader().check("q2_2")
    assert result.grade == 1
    assert repr(result).startswith("q2_2: Passed. All 3 public checks pass.")
    assert "Hidden checks" in repr(result)


def test_the_known_mistake_comes_first(folder: Path, write: Edit) -> None:
    write(FLIPPED)
    result = grader().check("q2_2")
    text = repr(result)
    assert text.index("Known mistake") < text.index("6 values differ") < text.index("Called:")
    assert text.count("Known mistake") == 1  # it explains all three
    words = Words(result._repr_html_())
    assert any("Known mistake" in one for one in words.shown)
    assert any("with img" in one for one in words.folded)
    assert not any("with img" in one for one in words.shown)


def test_wrong_cells_are_marked_by_a_sign_too(folder: Path, write: Edit) -> None:
    write(FLIPPED)
    shown = Words(grader().check("q2_2")._repr_html_()).shown
    assert "≠ 5.5" in shown
    assert "0" in shown
    assert "8.5" in shown


def test_a_module_that_does_not_load_is_said_once(folder: Path, write: Edit) -> None:
    write("import torch\nimport nothing_like_this\n")
    result = grader().check("q2_2")
    assert repr(result).count("nothing_like_this") <= 2  # the exception and the student's line
    assert "convolution.py, line 2" in repr(result)
    assert "public/test_" not in repr(result)


def test_an_unknown_question_is_said_without_a_traceback(folder: Path) -> None:
    result = grader().check("q9_9")
    assert "q2_1" in repr(result)
    assert "No such question" in repr(result)
    assert "q2_1" in result._repr_html_()


def test_without_otter_the_checks_are_the_same(
    folder: Path, write: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(FLIPPED)
    with_otter = grader().check("q2_1")
    monkeypatch.setitem(__import__("sys").modules, "otter", None)
    without = grader().check("q2_1")
    assert repr(without) == repr(with_otter)
    with pytest.raises(AttributeError, match=r"submit\.py"):
        grader().to_pdf()


def test_otters_own_methods_are_there(folder: Path) -> None:
    assert callable(grader().export)
    assert callable(grader().to_pdf)


def test_otter_keeps_its_log(folder: Path, write: Edit) -> None:
    write(FLIPPED)
    grader().check("q2_1")
    assert (folder / ".OTTER_LOG").stat().st_size > 0


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=100))
def test_no_text_is_taken_for_html(problem: str, call: str, trace: str) -> None:
    outcome = PublicOutcome("q", "<title>", "error", "", problem, call, trace)
    html = Checked("q", [outcome, PublicOutcome("q", "b", "passed")])._repr_html_()
    tags = set(re.findall(r"</?([a-z]+)", html))
    assert tags <= {"div", "span", "b", "small", "pre", "details", "summary"}


def test_the_styles_hold_in_the_dark(folder: Path, write: Edit) -> None:
    """No colour for text without its own background, and no style sheet that a front end may remove."""
    write(FLIPPED)
    html = grader().check("q2_2")._repr_html_()
    assert "<style" not in html
    assert "class=" not in html
    for style in re.findall(r'style="([^"]*)"', html):
        if re.search(r"(?<!-)color:#", style):
            assert "background" in style


def test_tensors_with_infinities_can_be_shown() -> None:
    expected, actual = torch.tensor([[1.0, float("inf")]]), torch.tensor([[float("nan"), float("inf")]])
    compared = Compared(expected, actual, torch.tensor([[True, False]]))
    outcome = PublicOutcome("q", "t", "wrong", problem="2 differ\ngot\n[]", compared=compared)
    shown = Words(Checked("q", [outcome])._repr_html_()).shown
    assert "≠ nan" in shown
    assert "inf" in shown


def test_the_cells_are_marked_that_the_check_found_off() -> None:
    expected = torch.tensor([[1.0, 1000.0, 0.0]], dtype=torch.float64)
    actual = expected + torch.tensor([[1e-7, 0.0, 1e-9]])
    with pytest.raises(Wrong, match="1 of 3 values differ") as caught:
        close(actual, expected, 1e-8, "f()")
    outcome = PublicOutcome("q", "t", "wrong", problem="differ\ngot\n[]", compared=caught.value.compared)
    assert Checked("q", [outcome])._repr_html_().count("≠") == 1


def test_each_check_runs_once_more_at_most(
    folder: Path, write: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many checks of a question fail, to look for the mistake behind them."""
    asked: list[str] = []
    run = LocalStudent.run

    def counted(student: LocalStudent, probe: str, /, **arguments: object) -> object:
        asked.append(repr((probe, arguments)))
        return run(student, probe, **arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(LocalStudent, "run", counted)
    (folder / "lab06" / "public" / "mistakes.json").write_bytes(lab().mistakes.read_bytes())
    write(FLIPPED)
    assert "Known mistake" in repr(grader().check("q2_2"))
    assert max(map(asked.count, asked)) <= 2


@pytest.mark.parametrize("asked", ["Q2_1", "q2-1", "2_1", "q21", "2.1", 21])
def test_a_question_is_known_by_nearly_its_name(folder: Path, asked: object) -> None:
    assert "Did you mean q2_1?" in repr(grader().check(asked))


def test_what_cannot_be_checked_is_said(folder: Path) -> None:
    assert "q2_3 is answered in writing, and people mark it." in repr(grader().check("q2_3"))
    assert "The questions that can be checked are: q1_1" in repr(grader().check())
    assert "Not started" in repr(grader().check(" q2_1 "))


def test_code_that_ends_python_does_not_end_the_notebook(folder: Path, write: Edit) -> None:
    write("def apply_convolution(img, kernel):\n    exit(3)\n")
    shown = repr(grader().check("q2_2"))
    assert "SystemExit: 3\n  convolution.py, line 2, in apply_convolution: exit(3)" in shown


def test_a_function_that_calls_itself_without_end_is_shown_once(folder: Path, write: Edit) -> None:
    write("def apply_convolution(img, kernel):\n    return apply_convolution(img, kernel)\n")
    shown = repr(grader().check("q2_2"))
    assert "RecursionError" in shown
    assert shown.count("line 2, in apply_convolution") == 1


@pytest.mark.parametrize(
    ("question", "module", "text"),
    [
        ("q1_1", "model", "def build_model():\n    pass\n"),
        ("q1_2", "training", "def move_to_device(model, device):\n    model.to(device)\n"),
        ("q1_4", "training", "def make_optimizer(model):\n    pass\n"),
    ],
)
def test_a_forgotten_return_is_named(folder: Path, question: str, module: str, text: str) -> None:
    (folder / f"{module}.py").write_text(text)
    shown = repr(grader().check(question))
    assert "Is there a `return`?" in shown
    assert "that are not there" not in shown

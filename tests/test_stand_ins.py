"""What stands in for other questions' functions: who gets it, who does not, and what people are told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from harness import ROOT, edited, lab, reference_sources

from autograder.checking.stand_ins import stand_ins, stand_ins_of
from autograder.grade import Verdict
from autograder.grading import Grader, Options
from autograder.grading.shortcuts import intrusions
from autograder.lab import LabError, load_lab
from autograder.release.selftest import self_test
from autograder.release.sources import cut_lab
from autograder.release.student import solution_files, student_files
from autograder.submission import Submission

OWN = ("autograder", "lab06")


def test_a_question_gets_those_of_earlier_questions_alone() -> None:
    asked = [question for question in lab().auto_graded if not question.training]
    for number, question in enumerate(asked):
        earlier = {name for before in asked[:number] for name in before.functions}
        for given in stand_ins_of(stand_ins(lab()), question).values():
            names = {name for texts in given.values() for name in texts}
            assert names <= earlier, question.id
            assert not names & set(question.functions)
    given = stand_ins_of(stand_ins(lab()), lab().question("q3_3"))["conv_gradient_wrt_input"]
    assert "apply_convolution" in given["convolution"]
    assert stand_ins_of(stand_ins(lab()), lab().question("q1_7")) == {}


def test_each_text_is_complete_in_itself() -> None:
    for given in stand_ins(lab()).values():
        for texts in given.values():
            for name, text in texts.items():
                names: dict[str, object] = {}
                exec(text, names)
                assert callable(names[name])
                assert not {other for other in texts if other != name and other in names}


@pytest.mark.slow
def test_students_get_no_stand_in() -> None:
    files = student_files(cut_lab(lab()))
    texts = [content for name, content in files.items() if name.endswith(".py")]
    assert "lab06/stand_ins.py" not in files
    assert not [text for text in texts if b"conv_transpose2d(dloss_dy" in text or b"conv2d(img" in text]


@pytest.mark.slow
def test_a_wrong_one_is_refused_before_it_costs_points(tmp_path: Path) -> None:
    """The reference has right functions of its own, so its grade does not show it."""
    root = shutil.copytree(ROOT / "examples" / "tinylab", tmp_path / "lab")
    path = root / "assignment" / "tinylab" / "stand_ins.py"
    path.write_text(path.read_text().replace("dim=1", "dim=0"))
    made = cut_lab(load_lab(root))
    files = solution_files(made), student_files(made)
    grades, problems = self_test(made.lab, *files, Options(device="cpu"))
    assert grades["reference"].score == made.lab.max_score
    (told,) = problems
    line = path.read_text().split("def normalise_rows")[0].count("\n") + 1
    assert told.startswith(f"{path}:{line}: this stand-in fails checks of q1_1 (by_hand, ")
    assert told.endswith("; correct it: answers to the questions after q1_1 are graded with it")


@pytest.mark.slow
def test_a_known_mistake_that_is_none_is_refused(tmp_path: Path) -> None:
    root = shutil.copytree(ROOT / "examples" / "tinylab", tmp_path / "lab")
    path = root / "assignment" / "tinylab" / "misconceptions" / "normalise_rows" / "right.py"
    right = "def normalise_rows(matrix):\n    return torch.nn.functional.normalize(matrix, dim=1)\n"
    path.write_text(f'"""It is right.\n\nIs it?\n"""\n\nimport torch\n\n\n{right}')
    made = cut_lab(load_lab(root))
    _, problems = self_test(made.lab, solution_files(made), student_files(made), Options(device="cpu"))
    said = f"{path}:1: this known mistake passes every check of q1_1, so it is never named; correct it, add"
    assert [told.startswith(said) for told in problems] == [True], problems


def test_one_for_a_function_that_no_question_asks_for_is_the_labs_fault(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "assignment", tmp_path / "assignment")
    path = tmp_path / "assignment" / "lab06" / "stand_ins.py"
    path.write_text(path.read_text() + "\n\ndef convolve(img):\n    return img\n")
    with pytest.raises(LabError, match=r"stand_ins\.py: no question asks for convolve"):
        stand_ins(load_lab(tmp_path))
    path.write_text("def broken(:\n")
    (tmp_path / "other").mkdir()
    shutil.move(str(tmp_path / "assignment"), tmp_path / "other" / "assignment")
    with pytest.raises(LabError, match=r"stand_ins\.py:1: "):
        stand_ins(load_lab(tmp_path / "other"))


def test_one_mistake_costs_one_question(warm: Grader) -> None:
    wrong = edited("convolution", ("    return (window * kernel).sum()", "    return window.sum()"))
    grade = warm.grade(Submission("someone", wrong))
    lost = [q.id for q in grade.questions if q.verdict is Verdict.WRONG]
    assert lost == ["q2_1"]


@pytest.mark.slow
def test_an_answer_by_a_later_question_is_the_students_own(warm: Grader) -> None:
    """`compute_convolution_at_position` by `apply_convolution` is as right as that is."""
    by_later = "def compute_convolution_at_position(i, j, img, kernel):\n"
    by_later += "    return apply_convolution(img, kernel)[i - 1, j - 1]\n"
    unwritten = by_later + "def apply_convolution(img, kernel):\n    return img\n"
    sources = {**reference_sources(), "convolution": unwritten}
    assert warm.grade(Submission("someone", sources)).question("q2_1").score < 8


LED = """
class Anywhere:
    def __init__(self):
        self.asked = 0

    def __sub__(self, one):
        self.asked += 1
        return slice(None) if self.asked > FIRST else 0

    def __index__(self):
        return 1

    def __lt__(self, other):
        return False


class Image(torch.Tensor):
    def __getitem__(self, index):
        return super().__getitem__(0)


def apply_convolution(img, kernel):
    return compute_convolution_at_position(Anywhere(), Anywhere(), WHAT, kernel)
"""


@pytest.mark.ci
@pytest.mark.parametrize("first", [-1, 0, 1, 2, 4])
@pytest.mark.parametrize("what", ["img", "img.as_subclass(Image)"])
def test_no_object_of_a_students_own_leads_a_stand_in_to_the_whole_answer(
    warm: Grader, first: int, what: str
) -> None:
    text = "import torch\n" + LED.replace("FIRST", str(first)).replace("WHAT", what)
    grade = warm.grade(Submission("someone", {**reference_sources(), "convolution": text}))
    assert grade.question("q2_2").score == 0


NOTED = {
    "import autograder.probing as p": "autograder.probing",
    "from lab06.probes import STAND_INS": "lab06.probes",
    "import sys\nx = sys.modules['torch']": "sys.modules",
    "from sys import modules": "sys.modules",
    "import importlib\nx = importlib.import_module('lab06.stand_ins')": "lab06.stand_ins",
    "import sys\nx = sys._getframe(1).f_locals": "_getframe",
    "import gc\nx = gc.get_objects()": "gc",
    "from inspect import currentframe": "inspect.currentframe",
    "x = getattr(torch.nn, '__globals__')": "__globals__",
}


@pytest.mark.parametrize("text", NOTED)
def test_people_are_told_what_of_the_grader_a_text_names(text: str) -> None:
    assert NOTED[text] in [found.name for found in intrusions(text, "convolution", OWN)]


@pytest.mark.parametrize(
    "text",
    ["open('lab06.ipynb')", "import inspect, sys, lab_tools", "x = 'autograder'", "x.modules()", "def f(:"],
)
def test_what_homework_needs_is_not_noted(text: str) -> None:
    assert not intrusions(text, "convolution", OWN)


@pytest.mark.slow
def test_the_note_is_in_the_grade_and_costs_nothing(warm: Grader) -> None:
    sources = reference_sources()
    noted = {**sources, "training": sources["training"] + "\nimport sys\nSEEN = sys.modules\n"}
    question = warm.grade(Submission("someone", noted)).question("q1_3")
    assert question.score == question.max_score
    (note,) = question.shortcuts
    assert note.startswith("sys.modules: training.py, line ")


def test_right_solutions_have_no_such_note() -> None:
    for folder in (ROOT / "solutions", *sorted((ROOT / "assignment" / "audit" / "wheats").iterdir())):
        for path in folder.glob("*.py"):
            notes = [str(each) for each in intrusions(path.read_text("utf-8"), path.stem, OWN)]
            if path.stem == "name_put_together":  # right, but by a library whose name it hides
                assert [note.partition(":")[0] for note in notes] == [
                    "getattr of a name that is put together"
                ]
            else:
                assert not notes, path

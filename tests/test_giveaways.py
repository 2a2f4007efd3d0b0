"""What students get answers no question, whether it is called or pasted."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from autograder.lab import load_lab
from autograder.release.giveaways import find_giveaways
from autograder.release.sources import CutLab, cut_lab
from autograder.release.student import student_files

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def cut() -> CutLab:
    return cut_lab(load_lab(ROOT))


def found(cut: CutLab, text: str, name: str = "lab_tools.py") -> list[str]:
    files = {name: dedent(text).encode()}
    return [str(leak) for leak in find_giveaways(cut.lab, files, cut.signatures)]


@pytest.mark.slow
@pytest.mark.parametrize("folder", [ROOT, ROOT / "examples" / "tinylab"])
def test_nothing_that_students_get_answers_a_question(folder: Path) -> None:
    made = cut_lab(load_lab(folder))
    assert find_giveaways(made.lab, student_files(made, b"{}"), made.signatures) == []


CONV = "F.conv2d(img[None, None], kernel[None, None])[0, 0]"


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (f"import torch.nn.functional as F\ndef _f(img, kernel):\n    return {CONV}\n", "q2_2"),
        (f"import torch.nn.functional as F\ndef _f(kernel, img):\n    return {CONV}\n", "q2_2"),
        (f"import torch.nn.functional as F\nTABLE = {{'x': lambda img, kernel: {CONV}}}\n", "q2_2"),
        (
            f"import torch.nn.functional as F\nclass A:\n  def f(self, img, kernel):\n    return {CONV}\n",
            "q2_2",
        ),
        (
            f"import torch.nn.functional as F\ndef g():\n    def f(img, kernel):\n        return {CONV}\n",
            "q2_2",
        ),
        (
            f"import torch.nn.functional as F\n@wrap\ndef f(img, kernel, way='x'):\n    return {CONV}\n",
            "q2_2",
        ),
        ("def at(x, y, a, b):\n    return (a[x-1:x-1+b.shape[0], y-1:y-1+b.shape[1]] * b).sum()\n", "q2_1"),
        ("import torch.nn.functional as F\nLOSSES = {'log': F.cross_entropy}\n", "q1_3"),
        ("import torch.nn as nn\ndef loss():\n    return nn.CrossEntropyLoss()\n", "q1_3"),
        (
            "import torch.nn.functional as F\ndef _nl(x, y):\n    return F.nll_loss(x.log_softmax(1), y)\n",
            "q1_3",
        ),
        (
            "import torch\ndef o(m): return torch.optim.RMSprop(m.parameters(), .001,weight_decay=1e-5)",
            "q1_4",
        ),
    ],
)
def test_what_is_planted_is_found(cut: CutLab, text: str, question: str) -> None:
    assert any(f"answers {question}, as " in leak for leak in found(cut, text)), text


def test_it_is_found_in_notebooks_and_prose(cut: CutLab) -> None:
    code = f"import torch.nn.functional as F\ndef f(img, kernel):\n    return {CONV}\n"
    assert found(cut, f"# Title\n\n```python\n{code}```\n", "README.md") == [
        "README.md, block 1, line 2: answers q2_2, as apply_convolution"
    ]

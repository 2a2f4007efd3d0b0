"""Messages that a reader once could do nothing with, and a folder in which pytest works from anywhere."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from harness import lab

from autograder.checking.judge import Reply, Wrong, number
from autograder.checking.student import LocalStudent, StudentFailure
from autograder.probing import returned

EVALUATE = """
def evaluate(model, loader, loss_fn, device):
    for x, y in loader:
        scores = model(x).squeeze()
        return 0.0, (scores.argmax(1) == y).float().mean().item()
"""
NET = "from torch import nn\ndef build_model():\n    return nn.Sequential(nn.Flatten(), nn.Linear(5, 10))\n"
IMAGES = {"images": torch.zeros(2, 1, 28, 28)}
BATCH = {"logits": torch.zeros(2, 10), "labels": torch.tensor([1, 2])}
STEP = {"weights": {"a": torch.ones(2)}, "gradients": [{"a": torch.ones(2)}]}
ONE = {
    "layers": [["linear", 3, 4]],
    "weights": {"0.weight": torch.ones(4, 3), "0.bias": torch.ones(4)},
    "batches": [{"x": torch.zeros(1, 3), "y": torch.tensor([1])}],
    "loss": "margin",
}


@pytest.mark.parametrize(
    ("module", "text", "probe", "arguments", "said"),
    [
        ("model", NET, "describe_model", IMAGES, "The layer 1, Linear(in_features=5, out_features=10"),
        ("model", NET, "describe_model", IMAGES, "got a tensor of shape (2, 784)"),
        (
            "training",
            "import torch\ndef make_loss():\n    return torch.nn.CrossEntropyLoss\n",
            "loss_of",
            BATCH,
            "make_loss returned a class; create one with ()",
        ),
        (
            "training",
            "import torch\ndef make_optimizer(model):\n    return torch.optim.RMSprop(model, lr=1e-3)\n",
            "optimizer_steps",
            STEP,
            "An optimizer takes the parameters, model.parameters(), and not the model.",
        ),
        (
            "training",
            EVALUATE,
            "evaluate",
            ONE,
            "squeeze() without a dimension then removes",
        ),
        (
            "convolution",
            "import torch\ndef apply_convolution(img, kernel):\n    y = torch.zeros(2, 3)\n    y[1, 3] = 1\n",
            "convolve",
            {"img": torch.ones(3, 4), "kernel": torch.ones(2, 2)},
            "Python counts from 0, so the last index is 2 here; a position counted from 1 needs 1 less.",
        ),
    ],
)
def test_an_exception_is_explained(
    module: str, text: str, probe: str, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(StudentFailure) as caught:
        LocalStudent({module: text}, lab().probes).run(probe, **arguments)
    assert said in caught.value.message


def test_where_one_element_is_allowed_the_shape_is_said() -> None:
    with pytest.raises(Wrong, match=r"loss is a tensor of shape \(3,\), expected a number, or a tensor"):
        number(Reply(returned(torch.zeros(3))), "loss")
    assert number(Reply(returned(torch.ones(1, 1))), "loss") == 1


@pytest.mark.ci
def test_pytest_works_from_any_folder(tmp_path: Path) -> None:
    place = tmp_path / "my l\u00e4b"
    shutil.copytree(lab().student, place, ignore=shutil.ignore_patterns("MNIST", "__pycache__"))
    (place / "convolution.py").write_bytes(b"import tqdm\nX = 1\n")
    (place / "model.py").write_bytes(b"# \xdc\n")
    for where, arguments in ((place / "data", []), (place, ["tests"]), (tmp_path, [str(place)])):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-k", "q2_1 or q1_1", *arguments],
            cwd=where,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "6 failed" in done.stdout, done.stdout + done.stderr
        assert "note: convolution.py, line 1: imports tqdm, which the grader does not have" in done.stdout
        assert "model.py, line 1: byte 0xdc is not UTF-8; save the file as UTF-8" in done.stdout

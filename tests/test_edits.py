"""Changing a lab: each of these edits is one place, and everything that is made from it follows."""

from __future__ import annotations

import io
import json
import re
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import nbformat
import numpy as np
import pytest
import torch
from click.testing import CliRunner
from lab_copy import NOTEBOOK, ROOT, TOML, add, copied, edit

from autograder.cli import main
from autograder.grade import Grade
from autograder.gradebook.gradescope import results
from autograder.grading import Options
from autograder.lab import load_lab
from autograder.release.build import zip_of
from autograder.release.selftest import self_test
from autograder.release.sources import CutLab, cut_lab
from autograder.release.student import solution_files, student_files

STAND_IN = '''def move_to_device(model: nn.Module, device: torch.device | str) -> nn.Module:
    """The model with all of its parts on the device."""
    return model.to(device)
'''

QUESTION = """
[[questions]]
id = "q2_4"
title = "Flip a kernel"
points = 3
module = "convolution"
functions = ["flipped"]
"""
FUNCTION = '''

def flipped(kernel: Tensor) -> Tensor:
    """Turn a kernel by 180 degrees (question q2_4)."""
    #!TAG HWBEGIN
    #!MSG TODO: Turn the kernel.
    return kernel.flip(0, 1)
    #!TAG HWEND
'''
PROBE = '''

@probe("flipped")
def flip(modules: Modules, *, kernel: Tensor, own: bool = False) -> dict[str, Any]:
    """Run `flipped` on a kernel."""
    _, function = _student(modules, "convolution", "flipped", own)
    return {"value": returned(function(kernel.clone()))}
'''
PUBLIC_CHECK = '''"""Public checks of q2_4."""

import torch

from autograder.checking.check import check
from autograder.checking.judge import Wrong, ask
from autograder.checking.student import Student


@check("q2_4", 1, title="a kernel of 2 x 2")
def test_two_by_two(student: Student) -> None:
    """The corners change places."""
    kernel = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    if not torch.equal(ask(student, "flip", kernel=kernel).reply("value").tensor("value"), kernel.flip(0, 1)):
        raise Wrong("It is not turned.")
'''
HIDDEN_CHECK = '''"""Hidden checks of q2_4."""

import torch

from autograder.checking.check import check
from autograder.checking.judge import Told, ask
from autograder.checking.student import Student


@check("q2_4", 2, family="kernels that are not square", hint="Turn both directions.")
def test_oblong(student: Student, rng: torch.Generator) -> None:
    """Any values."""
    kernel = torch.rand(2, 3, generator=rng)
    if not torch.equal(ask(student, "flip", kernel=kernel).reply("value").tensor("value"), kernel.flip(0, 1)):
        raise Told("It is not turned.")
'''

IMPORTS = """
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps
"""


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    return copied(tmp_path)


def run(lab: Path, *command: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, list(command), env={"CONVLAB_ROOT": str(lab)})
    return done.exit_code, done.output


def made_up(lab: Path) -> CutLab:
    """Cut the lab as an instructor does, and look through it as a release does first."""
    status, said = run(lab, "cut")
    assert status == 0, said
    status, said = run(lab, "cut", "--check")
    assert status == 0, said
    return cut_lab(load_lab(lab))


def graded(cut: CutLab, *questions: str) -> dict[str, Grade]:
    """The grades of reference and stub in some questions; nothing is wrong with either."""
    options = Options(only=frozenset(questions), device="cpu", unsafe=True)
    files = student_files(cut, cut.lab.mistakes.read_bytes())
    solutions = {**files, **{name: part.solution.encode() for name, part in cut.modules.items()}}
    grades, problems = self_test(cut.lab, solutions, files, options)
    assert [problem for problem in problems if "holds no answer" not in problem] == []
    return grades


def text_of(lab: Path, kind: str = "markdown") -> str:
    """The text of the students' notebook."""
    notebook = nbformat.read(lab / "student" / "lab06.ipynb", as_version=4)
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == kind)


def config(lab: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((lab / "otter_config.json").read_text())
    return read


# --- questions -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_points_of_a_question(lab: Path) -> None:
    edit(
        lab,
        TOML,
        'title = "Convolution of a whole image"\npoints = 10',
        'title = "Convolution of a whole image"\npoints = 15',
    )
    cut = made_up(lab)
    assert "### Question q2_2: convolution of a whole image (15 points)" in text_of(lab)
    assert "| `convolution.py` | q2_1, q2_2 | 8 + 15 |" in text_of(lab)
    assert config(lab)["points_possible"] == 88
    tests = re.findall(r"points=([\d.]+)", (lab / "student/tests/q2_2.py").read_text())
    assert 0 < sum(map(float, tests)) < 15
    grades = graded(cut, "q2_2")
    assert grades["reference"].question("q2_2").score == 15
    assert grades["reference"].max_score == 88
    assert grades["stub"].score == 0


@pytest.mark.slow
def test_epochs_batches_and_threshold(lab: Path) -> None:
    edit(lab, TOML, "epochs = 3\nthreshold = 0.88", "epochs = 5\nthreshold = 0.9")
    edit(lab, TOML, "batch_size = 64", "batch_size = 32")
    made_up(lab)
    code, text = text_of(lab, "code"), text_of(lab)
    assert "epochs = 5\nbatch_size = 32\n" in code
    assert "(epochs: 5, in batches of\n32 images of the sample)" in text
    assert "The accuracy has to reach 0.9;" in text
    assert "0.88" not in text


@pytest.mark.slow
def test_the_rule_of_work_by_hand(lab: Path) -> None:
    edit(lab, TOML, "shortcuts_cost_points = false", "shortcuts_cost_points = true")
    edit(
        lab,
        TOML,
        'functions = ["apply_convolution"]\nby_hand = ["convolution", "windows", "transform", "autograd"]',
        'functions = ["apply_convolution"]\nby_hand = ["transform"]',
    )
    edit(lab, "assignment/lab06/by_hand.py", '"transform": "FFT"', '"transform": "Fourier\'s transform"')
    made_up(lab)
    rule = "The rule:\n    a question that is answered by such a call scores 0.\n"
    module = (lab / "student/convolution.py").read_text()
    first, second = module.split("def ")[1:]
    assert "By hand: no `F.conv2d`, `F.unfold`, Fourier's transform, autograd" in first
    assert f"By hand: no Fourier's transform or the like. {rule}" in second
    assert (lab / "student/gradient.py").read_text().count(rule) == 2
    told = "no `F.conv2d`, `F.unfold`, Fourier's transform, autograd (`backward`, `grad`)"
    for text in (text_of(lab), (lab / "student/README.md").read_text()):
        assert told in text
        assert "scores 0" in text
        assert "costs no points" not in text


@pytest.mark.slow
def test_words_and_a_plot(lab: Path) -> None:
    edit(lab, NOTEBOOK, "Let us look at a few.", "A few of them:")
    edit(lab, NOTEBOOK, 'plt.title("The first 100 training images")', 'plt.title("Digits")\nplt.grid()')
    made_up(lab)
    assert "A few of them:" in text_of(lab)
    assert 'plt.title("Digits")\nplt.grid()' in text_of(lab, "code")


@pytest.mark.slow
def test_a_new_auto_graded_question(lab: Path) -> None:
    edit(lab, TOML, '\n[[questions]]\nid = "q2_3"', f'{QUESTION}\n[[questions]]\nid = "q2_3"')
    edit(lab, "solutions/convolution.py", "", FUNCTION)
    edit(lab, "assignment/lab06/probes.py", "", PROBE)
    add(lab, "assignment/lab06/public/test_q2_4.py", PUBLIC_CHECK)
    add(lab, "assignment/lab06/hidden/test_q2_4.py", HIDDEN_CHECK)
    asked = "### Question q2_4: flip a kernel (<<points.q2_4>> points)\n\n"
    asked += '```python\ngrader.check("q2_4")\n```\n\n'
    edit(
        lab,
        NOTEBOOK,
        "Now your function on the whole picture.",
        f"{asked}Now your function on the whole picture.",
    )
    cut = made_up(lab)
    assert "q2_4: flip a kernel (3 points)" in text_of(lab)
    assert "| `convolution.py` | q2_1, q2_2, q2_4 | 8 + 10 + 3 |" in text_of(lab)
    assert config(lab)["points_possible"] == 86
    assert (lab / "student/tests/q2_4.py").is_file()
    assert (
        'raise NotImplementedError("flipped is not written yet")'
        in (lab / "student/convolution.py").read_text()
    )
    grades = graded(cut, "q2_4")
    assert [check.max_score for check in grades["reference"].question("q2_4").checks] == [1, 2]
    assert grades["reference"].score == 3


@pytest.mark.slow
def test_a_question_removed(lab: Path) -> None:
    toml = (lab / TOML).read_text()
    (lab / TOML).write_text(re.sub(r'\[\[questions\]\]\nid = "q1_2".*?\n\n', "", toml, flags=re.DOTALL))
    for path in ("lab06/public/test_q1_2.py", "lab06/hidden/test_q1_2.py"):
        (lab / "assignment" / path).unlink()
    shutil.rmtree(lab / "assignment/lab06/misconceptions/move_to_device")
    edit(lab, "assignment/lab06/probes.py", '@probe("move_to_device")\n', "")
    edit(
        lab,
        NOTEBOOK,
        "### Question q1_2: move the model to the device (<<points.q1_2>> points)\n",
        "### Where it runs\n",
    )
    edit(lab, NOTEBOOK, '```python\ngrader.check("q1_2")\n```\n', "")
    status, said = run(lab, "cut")
    assert status == 2
    assert "no question asks for move_to_device; correct its name, or remove it" in said
    edit(lab, "assignment/lab06/stand_ins.py", STAND_IN, "")
    edit(lab, NOTEBOOK, "make_optimizer, move_to_device, train", "make_optimizer, train")
    reference = (lab / "solutions/training.py").read_text()
    function = re.compile(r"def move_to_device\(.*?(?=\ndef )", flags=re.DOTALL)
    (lab / "solutions/training.py").write_text(function.sub("", reference))
    contract = lab / "assignment/contract.toml"
    sections = r"\n\[\[?move_to_device(\.clauses)?\]\]?\n.*?(?=\n\[\[?\w)"
    contract.write_text(re.sub(sections, "", contract.read_text(), flags=re.DOTALL))
    audit = lab / "assignment/audit"
    audit.unlink()  # the copy only links to it
    status, said = run(lab, "cut")
    assert status == 0, said
    status, said = run(lab, "cut", "--check")
    assert [line for line in said.splitlines() if "audit.typical" not in line] == []
    assert not (lab / "student/tests/q1_2.py").exists()
    assert not (lab / "student/lab06/public/test_q1_2.py").exists()
    assert config(lab)["points_possible"] == 81
    assert "q1_2" not in text_of(lab)


@pytest.mark.slow
def test_a_written_question_added(lab: Path) -> None:
    edit(lab, TOML, "", '\n[[questions]]\nid = "q3_6"\ntitle = "Padding"\npoints = 3\nwritten = true\n')
    edit(
        lab,
        "assignment/rubric.md",
        "",
        "\n## q3_6: padding (<<points.q3_6>>)\n\n| 3 | zeros at the border |\n",
    )
    cell = dedent(
        """\
        <!-- #region convlab={"question": "q3_6"} -->
        #!TAG HWBEGIN
        #!MSG *Your answer to q3_6.*
        Zeros around the picture keep its size.
        #!TAG HWEND
        <!-- #endregion -->

        ## Hand in
        """
    )
    edit(
        lab,
        NOTEBOOK,
        "## Hand in\n",
        f"### Question q3_6: padding (<<points.q3_6>> points, written)\n\n{cell}",
    )
    cut = made_up(lab)
    assert "padding (3 points, written)" in text_of(lab)
    assert "2 + 3 |" in text_of(lab)
    assert "q3_6" in (lab / "student/AGENTS.md").read_text()
    facts = json.loads((lab / "student/lab06/facts.json").read_text())
    assert facts["placeholders"]["q3_6"] == "*Your answer to q3_6.*"
    assert config(lab)["points_possible"] == 83
    assert "## q3_6: padding (3)" in solution_files(cut)["rubric.md"].decode()


# --- picture and data ------------------------------------------------------------------------------------


def _png(height: int, width: int) -> bytes:
    """A gray picture of any size, with a disc in its middle whose diameter is half the shorter side."""
    rows, cols = torch.arange(height).double()[:, None], torch.arange(width).double()[None, :]
    radius = max(min(height / 170, width / 150) * 50, 0.5)
    inside = (rows - (height - 1) / 2) ** 2 + (cols - (width - 1) / 2) ** 2 <= radius**2
    pixels = (inside * 255).byte()
    lines = b"".join(b"\0" + bytes(row.tolist()) for row in pixels)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.slow
def test_another_picture(lab: Path) -> None:
    (lab / "assignment/data/astronaut.png").unlink()
    add(lab, "assignment/data/disc.png", _png(900, 300))
    for old, new in (
        ('picture = "data/astronaut.png"', 'picture = "data/disc.png"'),
        ("a portrait of the astronaut Eileen Collins (NASA, 1993)", "a white disc"),
    ):
        edit(lab, TOML, old, new)
    made_up(lab)
    assert "Our picture is a white disc." in text_of(lab)
    assert 'Image.open("data/disc.png")' in text_of(lab, "code")
    assert (lab / "student/data/disc.png").is_file()
    assert not (lab / "student/data/astronaut.png").exists()


SIZES = [(900, 300), (300, 900), (512, 512), (40, 31), (1, 1), (2, 700), (700, 2), (1700, 1500), (4000, 4000)]


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_a_picture_of_any_size_is_cropped_without_distortion(
    tmp_path: Path, height: int, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("PIL")
    add(tmp_path, "data/astronaut.png", _png(height, width))
    monkeypatch.chdir(tmp_path)
    img = _shown()
    assert img.shape == (170, 150)
    assert float(img.min()) >= 0
    assert float(img.max()) <= 1 + 1e-6
    if min(height, width) > 150:  # a disc of 100 pixels across stays round, and in the middle
        white = img > 0.5
        assert [int(white.any(dim).sum()) for dim in (0, 1)] == [pytest.approx(100, abs=3)] * 2
        middle = [float(at.double().mean()) for at in white.nonzero().T]
        assert middle == [pytest.approx(84.5, abs=2), pytest.approx(74.5, abs=2)]


def _to_tensor() -> Callable[[Any], torch.Tensor]:
    """What torchvision's ToTensor() makes of a gray picture."""
    return lambda picture: torch.from_numpy(np.array(picture))[None].float() / 255


def _shown() -> torch.Tensor:
    """The picture in the working folder, as the students' notebook makes it."""
    notebook = nbformat.read(ROOT / "student" / "lab06.ipynb", as_version=4)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code" and "img_raw" in cell.source]
    namespace: dict[str, Any] = {"ToTensor": _to_tensor}
    exec(IMPORTS + "\n".join(cells).split("plt.imshow")[0], namespace)
    found: torch.Tensor = namespace["img"]
    return found


@pytest.mark.parametrize("batches", [1, 4, 15, 200])
def test_the_loss_is_smoothed_however_few_batches_there_are(batches: int) -> None:
    """With large batches and one epoch there are fewer than the window holds."""
    notebook = nbformat.read(ROOT / "student" / "lab06.ipynb", as_version=4)
    (cell,) = [each.source for each in notebook.cells if "window = " in each.source]
    recorder = type("Recorder", (), {"values": [1.0] * batches})
    namespace: dict[str, Any] = {"torch": torch, "recorder": recorder}
    exec(cell.split("plt.figure")[0], namespace)
    assert len(namespace["smooth"]) == max(1, batches - 14)


def _idx(values: torch.Tensor) -> bytes:
    return (
        bytes((0, 0, 8, values.dim()))
        + struct.pack(f">{values.dim()}I", *values.shape)
        + bytes(values.flatten().tolist())
    )


def _data_set(lab: Path, counts: dict[str, int]) -> None:
    rng = torch.Generator().manual_seed(0)
    patterns = torch.randint(0, 256, (10, 28, 28), generator=rng)
    for stem, count in counts.items():
        labels = torch.randint(0, 10, (count,), generator=rng)
        noise = torch.randint(-40, 41, (count, 28, 28), generator=rng)
        images = (patterns[labels] + noise).clamp(0, 255)
        add(lab, f"assignment/{stem}-images-idx3-ubyte", _idx(images))
        add(lab, f"assignment/{stem}-labels-idx1-ubyte", _idx(labels))


COUNTS = {"data/MNIST/raw/train": 500, "data/MNIST/raw/t10k": 90, "heldout/MNIST/raw/t10k": 60}


@pytest.mark.slow
def test_another_data_set_of_the_same_format(lab: Path) -> None:
    _data_set(lab, COUNTS)
    edit(lab, TOML, 'train_images = "4,000"', 'train_images = "500"')
    cut = made_up(lab)
    assert "500 + 1,000" in text_of(lab)
    heldout = (lab / "assignment/heldout/MNIST/raw/t10k-labels-idx1-ubyte").read_bytes()
    (lab / "student/data/labels").write_bytes(heldout)
    status, said = run(lab, "cut", "--check")
    assert status == 1
    assert "holds labels of the held-out test images" in said
    (lab / "student/data/labels").unlink()
    assert cut.lab.training is not None


@pytest.mark.ci
def test_another_data_set_trains(lab: Path) -> None:
    _data_set(lab, {**COUNTS, "data/MNIST/raw/train": 2000})
    grades = graded(made_up(lab), "q1_7")
    training = grades["reference"].training
    assert grades["reference"].question("q1_7").score == 10
    assert training is not None
    assert training.batches == 3 * 32


# --- what students see -----------------------------------------------------------------------------------


@pytest.mark.ci
def test_visibility_of_hidden_checks(lab: Path) -> None:
    edit(lab, TOML, 'hidden_visibility = "after_published"', 'hidden_visibility = "hidden"')
    grades = graded(made_up(lab), "q2_1")
    seen = {check.visibility for check in grades["reference"].question("q2_1").checks}
    assert seen == {"visible", "hidden"}


@pytest.mark.slow
def test_the_notebook_translated(lab: Path) -> None:
    path = lab / NOTEBOOK
    fence, out = False, []
    for line in path.read_text().split("\n"):
        if line.startswith("```"):
            fence = not fence
        kept = fence or line.startswith(("```", "---", "  ", "jupyter:", "#!TAG", "<!--", "|", "$", "!["))
        if line.startswith("#!MSG "):
            line = "#!MSG *Schreibe deine Antwort hier.*"
        elif line.startswith("#"):
            line = (
                re.sub(r"^(#+) .*?(<<points\S+?>>)?[^<]*$", r"\1 Überschrift \2", line) if not kept else line
            )
        elif line.strip() and not kept:
            line = re.sub(r"[A-Za-z]{4,}", "Wörter", line) if not re.search(r"[$<`\\(\[]", line) else line
        out.append(line)
    path.write_text("\n".join(out))
    made_up(lab)
    assert "Überschrift" in text_of(lab)
    assert "Build the network" not in text_of(lab)
    facts = json.loads((lab / "student/lab06/facts.json").read_text())
    assert set(facts["placeholders"].values()) == {"*Schreibe deine Antwort hier.*"}


@pytest.mark.ci
def test_version_and_date(lab: Path) -> None:
    edit(lab, TOML, 'version = "1.0"', 'version = "1.1"')
    edit(lab, TOML, "date = 2026-11-26", "date = 2027-01-02")
    cut = made_up(lab)
    assert "Version 1.1 (2027-01-02)" in (lab / "student/CHANGELOG.md").read_text()
    zipped = zip_of(cut.lab, student_files(cut, b""))
    with zipfile.ZipFile(io.BytesIO(zipped)) as opened:
        listed = json.loads(opened.read("MANIFEST.json"))
    assert (listed["version"], listed["date"]) == ("1.1", "2027-01-02")
    grade = graded(cut, "q2_1")["reference"]
    assert grade.release is not None
    assert (grade.release.version, grade.release.date) == ("1.1", "2027-01-02")
    extra = json.loads(results(grade))["extra_data"]
    assert (extra["version"], extra["date"]) == ("1.1", "2027-01-02")
    before = Grade.model_validate({**json.loads(grade.to_json()), "release": None})
    assert "version" not in json.loads(results(before))["extra_data"]

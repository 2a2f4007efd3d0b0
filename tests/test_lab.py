"""The lab itself: the reference keeps its contract, data and figures are fresh, every question is asked."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import jupytext
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from torch import Tensor, nn
from tries import tries

from autograder.lab import Lab, load_lab
from autograder.modules import Modules
from autograder.release.sources import cut_lab

ROOT = Path(__file__).resolve().parent.parent
FULL = Path(os.environ.get("CONVLAB_DATA", ROOT.parent / "shared" / "data"))
MARKER = re.compile(r"^\s*#!(TAG|MSG)")


def _script(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make_sample = _script(ROOT / "benchmarks" / "make_sample.py")


@pytest.fixture(scope="module")
def reference() -> Iterator[dict[str, ModuleType]]:
    """The reference's modules by name."""
    texts = {path.stem: path.read_text("utf-8") for path in (ROOT / "solutions").glob("*.py")}
    with Modules(texts) as modules:
        yield {name: modules.load(name) for name in texts}


@pytest.fixture(scope="module")
def lab() -> Lab:
    return load_lab(ROOT)


@pytest.fixture
def notebook() -> NotebookNode:
    return jupytext.reads(cut_lab(load_lab(ROOT)).templates["assignment/lab06.md"], fmt="md")


# --- the reference ---------------------------------------------------------------------------------------

sizes = st.tuples(*[st.integers(1, 6)] * 4)
dtypes = st.sampled_from([torch.float32, torch.float64])


def _draw(rows: int, cols: int, dtype: torch.dtype, seed: int) -> Tensor:
    """Noise; non-contiguous for odd seeds."""
    generator = torch.Generator().manual_seed(seed)
    if seed % 2:
        return torch.randn(cols, rows, dtype=dtype, generator=generator).t()
    return torch.randn(rows, cols, dtype=dtype, generator=generator)


def _conv(img: Tensor, kernel: Tensor) -> Tensor:
    return F.conv2d(img[None, None], kernel[None, None])[0, 0]


@tries(40)
@given(sizes, dtypes, st.integers(0, 999))
def test_convolution_and_its_gradient_agree_with_torch(
    reference: dict[str, ModuleType], shape: tuple[int, int, int, int], dtype: torch.dtype, seed: int
) -> None:
    rows, cols, kernel_rows, kernel_cols = shape
    kernel = _draw(kernel_rows, kernel_cols, dtype, seed)
    img = _draw(rows + kernel_rows - 1, cols + kernel_cols - 1, dtype, seed + 1).requires_grad_()
    dloss_dy = _draw(rows, cols, dtype, seed + 2)
    expected = _conv(img, kernel)
    (expected_gradient,) = torch.autograd.grad(expected, img, dloss_dy)
    img = img.detach()
    before = [x.clone() for x in (img, kernel, dloss_dy)]

    result = reference["convolution"].apply_convolution(img, kernel)
    gradient = reference["gradient"].conv_gradient_wrt_input(dloss_dy, kernel)

    torch.testing.assert_close(result, expected.detach())
    torch.testing.assert_close(gradient, expected_gradient)
    assert all(torch.equal(x, y) for x, y in zip((img, kernel, dloss_dy), before, strict=True))


def test_position_counts_from_one(reference: dict[str, ModuleType]) -> None:
    img, kernel = _draw(5, 6, torch.float64, 0), _draw(2, 3, torch.float64, 1)
    at = reference["convolution"].compute_convolution_at_position
    expected = _conv(img, kernel)
    assert at(1, 1, img, kernel).item() == pytest.approx(expected[0, 0].item())
    assert at(i=4, j=4, img=img, kernel=kernel).item() == pytest.approx(expected[3, 3].item())
    assert at(1, 1, img.float(), kernel.float()).shape == ()


def test_ascent_agrees_with_autograd(reference: dict[str, ModuleType]) -> None:
    start, kernel = _draw(5, 6, torch.float64, 1), _draw(2, 3, torch.float64, 0)
    before = start.clone()
    climbed, losses = reference["gradient"].gradient_ascent(start, kernel, steps=3, step_size=0.02)

    expected, expected_losses = start.clone(), []
    for _ in range(3):
        leaf = expected.clone().requires_grad_()
        loss = _conv(leaf, kernel).square().sum()
        expected_losses.append(loss.item())
        expected = expected + 0.02 * torch.autograd.grad(loss, leaf)[0]
    torch.testing.assert_close(climbed, expected)
    assert losses == pytest.approx(expected_losses)
    assert torch.equal(start, before)


def test_model_is_the_one_asked_for(reference: dict[str, ModuleType]) -> None:
    build = reference["model"].build_model
    first, second = build(), build()
    assert sum(p.numel() for p in first.parameters() if p.requires_grad) == 93_322
    assert first(torch.rand(2, 1, 28, 28)).shape == (2, 10)
    assert not set(first.parameters()) & set(second.parameters())
    kinds = [type(layer).__name__ for layer in first.children()]
    pooled = ["Conv2d", "ReLU", "MaxPool2d"]
    assert kinds == [*pooled, *pooled, "Conv2d", "ReLU", "Flatten", "Linear", "ReLU", "Linear"]


def test_training_counts_images_and_forgets_old_gradients(reference: dict[str, ModuleType]) -> None:
    training = reference["training"]
    torch.manual_seed(0)
    batches = [(torch.randn(n, 4), torch.randint(10, (n,))) for n in (5, 5, 1)]
    model = nn.Linear(4, 10)
    twin = nn.Linear(4, 10)
    twin.load_state_dict(model.state_dict())
    model.weight.grad = torch.full_like(model.weight, 7.0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loss_fn = training.make_loss()

    loss, accuracy = training.train_one_epoch(model, iter(batches), loss_fn, optimizer, "cpu")

    total, correct = 0.0, 0
    for x, y in batches:
        logits = twin(x)
        expected = F.cross_entropy(logits, y)
        total += expected.item() * len(y)
        correct += int((logits.argmax(1) == y).sum())
        for weight, slope in zip(
            twin.parameters(), torch.autograd.grad(expected, [*twin.parameters()]), strict=True
        ):
            weight.data -= 0.1 * slope
    assert (loss, accuracy) == (pytest.approx(total / 11), pytest.approx(correct / 11))
    torch.testing.assert_close(model.weight, twin.weight)


def test_evaluation_changes_nothing(reference: dict[str, ModuleType]) -> None:
    training = reference["training"]
    model = training.move_to_device(nn.Linear(4, 10), "cpu")
    model.weight.grad = torch.ones_like(model.weight)
    weight = model.weight.detach().clone()
    x, y = torch.randn(7, 4), torch.randint(10, (7,))

    loss, accuracy = training.evaluate(model, [(x[:4], y[:4]), (x[4:], y[4:])], training.make_loss(), "cpu")

    assert loss == pytest.approx(F.cross_entropy(model(x), y).item())
    assert accuracy == pytest.approx((model(x).argmax(1) == y).float().mean().item())
    assert torch.equal(model.weight, weight)
    assert torch.equal(model.weight.grad, torch.ones_like(weight))


def test_optimizer_is_rmsprop_as_asked(reference: dict[str, ModuleType]) -> None:
    optimizer = reference["training"].make_optimizer(nn.Linear(2, 2))
    assert type(optimizer) is torch.optim.RMSprop
    asked = {"lr": 1e-3, "weight_decay": 1e-5, "alpha": 0.99, "momentum": 0, "centered": False}
    assert {key: optimizer.param_groups[0][key] for key in asked} == asked


# --- the data --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stem", "each"),
    [("data/MNIST/raw/train", 400), ("data/MNIST/raw/t10k", 100), ("heldout/MNIST/raw/t10k", 100)],
)
def test_sample_holds_equally_many_of_each_digit(stem: str, each: int) -> None:
    images = make_sample.read_idx(ROOT / "assignment" / f"{stem}-images-idx3-ubyte")
    labels = make_sample.read_idx(ROOT / "assignment" / f"{stem}-labels-idx1-ubyte")
    assert images.shape == (10 * each, 28, 28)
    assert np.bincount(labels, minlength=10).tolist() == [each] * 10


def test_no_image_is_in_two_parts_of_the_sample() -> None:
    stems = ("data/MNIST/raw/train", "data/MNIST/raw/t10k", "heldout/MNIST/raw/t10k")
    paths = [ROOT / "assignment" / f"{stem}-images-idx3-ubyte" for stem in stems]
    images = [image.tobytes() for path in paths for image in make_sample.read_idx(path)]
    assert len(images) == len(set(images)) == 6000


@pytest.mark.skipif(not (FULL / "MNIST" / "raw").is_dir(), reason="no full MNIST at CONVLAB_DATA")
def test_sample_comes_out_of_the_full_set_the_same_again() -> None:
    for name, content in make_sample.sample_files(FULL / "MNIST" / "raw").items():
        assert (ROOT / "assignment" / name).read_bytes() == content, (
            f"{name}: run benchmarks/make_sample.py again"
        )


# --- figures and notebook --------------------------------------------------------------------------------


@pytest.mark.slow
def test_figures_are_fresh(tmp_path: Path) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    folder = ROOT / "assignment" / "figures"
    if f"Matplotlib v{matplotlib.__version__}," not in (folder / "conv1d.svg").read_text("utf-8"):
        pytest.skip("drawn by another version of matplotlib")
    for path in _script(folder / "draw.py").draw(tmp_path):
        assert (folder / path.name).is_file()
        if path.suffix == ".svg":
            assert path.read_bytes() == (folder / path.name).read_bytes(), (
                "run assignment/figures/draw.py again"
            )


def _code(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_every_auto_graded_question_is_checked_once_in_order(notebook: NotebookNode, lab: Lab) -> None:
    checked = re.findall(r'^grader\.check\("(.+?)"\)$', "\n".join(_code(notebook)), re.MULTILINE)
    assert checked == [question.id for question in lab.auto_graded]


def test_every_written_question_has_its_answer_cell(notebook: NotebookNode, lab: Lab) -> None:
    cells = {
        cell.metadata["convlab"]["question"]: cell for cell in notebook.cells if "convlab" in cell.metadata
    }
    assert list(cells) == [question.id for question in lab.questions if question.written]
    for cell in cells.values():
        lines = cell.source.splitlines()
        assert cell.cell_type == "markdown"
        assert lines[0] == "#!TAG HWBEGIN"
        assert lines[1].startswith("#!MSG *Write your answer")
        assert lines[-1] == "#!TAG HWEND"


def test_points_and_threshold_in_the_text_are_the_assignments(notebook: NotebookNode, lab: Lab) -> None:
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    found = re.findall(r"^### Question (\w+): .*\((\d+) points(, written)?\)$", text, re.MULTILINE)
    asked = [(q.id, f"{q.points:g}", ", written" if q.written else "") for q in lab.questions]
    assert found == asked
    assert lab.training is not None
    assert f"The accuracy has to reach {lab.training.sample.threshold}" in text
    assert f"(epochs: {lab.training.sample.epochs}, in batches of\n{lab.training.batch_size} images" in text


def test_cells_that_run_student_code_are_marked(notebook: NotebookNode, lab: Lab) -> None:
    names = [name for question in lab.auto_graded for name in question.functions]
    uses = re.compile(rf"\b({'|'.join(names)})\b")
    for source in _code(notebook):
        if uses.search(source) and "import matplotlib" not in source:
            assert source.startswith("#!TAG SKIPQUESTEXEC\n"), source


def test_pictures_in_the_text_exist(notebook: NotebookNode) -> None:
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    names = re.findall(r"!\[.*?\]\((.+?)\)", text)
    assert len(names) == 4
    assert all((ROOT / "assignment" / name).is_file() for name in names)


def test_solution_figures_are_shown_in_answers_alone(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        assert "figures/solution-" not in cell.source or "convlab" in cell.metadata


# --- the solution, executed ------------------------------------------------------------------------------


def _without_markers(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not MARKER.match(line))


@pytest.mark.ci
def test_solution_notebook_runs_top_to_bottom(tmp_path: Path, notebook: NotebookNode) -> None:
    nbclient = pytest.importorskip("nbclient")
    for name in ("data", "figures"):
        (tmp_path / name).symlink_to(ROOT / "assignment" / name)
    (tmp_path / "lab_tools.py").write_text((ROOT / "assignment/handout/lab_tools.py").read_text("utf-8"))
    for path in (ROOT / "solutions").glob("*.py"):
        (tmp_path / path.name).write_text(_without_markers(path.read_text("utf-8")))
    for cell in notebook.cells:
        cell.source = _without_markers(cell.source)
        if "grader" in cell.source and cell.cell_type == "code":
            cell.source = ""
    resources = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()

    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    plots = [output for output in outputs if "image/png" in output.get("data", {})]
    text = "".join(output.get("text", "") for output in outputs)
    accuracy = re.search(r"test images: mean loss .*, accuracy (0\.\d+)", text)
    assert len(plots) == 16
    assert accuracy is not None
    assert float(accuracy[1]) > 0.88
    assert not [output for output in outputs if output.get("name") == "stderr"]

"""The notebook's helpers: the drawing pad's text becomes a digit, progress says how long it takes."""

from __future__ import annotations

import importlib.util
import io
from contextlib import redirect_stdout
from types import ModuleType

import pytest
import torch
from harness import ROOT
from hypothesis import given
from hypothesis import strategies as st


def load() -> ModuleType:
    path = ROOT / "assignment" / "handout" / "lab_tools.py"
    spec = importlib.util.spec_from_file_location("lab_tools", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


lab_tools = load()


def drawing(*dots: tuple[int, int]) -> str:
    lines = [["0"] * 28 for _ in range(28)]
    for row, col in dots:
        lines[row][col] = "f"
    return "\n".join("".join(line) for line in lines)


dots = st.lists(st.tuples(st.integers(0, 27), st.integers(0, 27)), min_size=1, max_size=40)


@given(dots)
def test_any_drawing_becomes_an_image_like_mnists(drawn: list[tuple[int, int]]) -> None:
    image = lab_tools.digit(drawing(*drawn))
    assert image.shape == (1, 28, 28)
    assert 0 <= float(image.min()) <= float(image.max()) <= 1
    assert float(image.sum()) > 0


def test_a_digit_in_a_corner_is_centred_and_scaled() -> None:
    image = lab_tools.digit(drawing(*((row, 2) for row in range(1, 6))))[0]
    rows, _ = image.nonzero(as_tuple=True)
    assert int(rows.max() - rows.min()) + 1 == 20
    grid = torch.arange(28, dtype=torch.float)
    for axis in (0, 1):
        mass = image.sum(dim=1 - axis)
        assert abs(float((mass * grid).sum() / mass.sum()) - 13.5) <= 0.5


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hello", "no drawing"),
        (drawing((3, 3))[:-5], "no drawing"),
        (drawing((3, 3)).replace("f", "x"), "no drawing"),
        (drawing(), "empty"),
    ],
)
def test_what_is_no_drawing_is_said(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        lab_tools.digit(text)


@given(st.lists(st.integers(), max_size=30), st.booleans())
def test_progress_hands_on_everything_and_counts(items: list[int], sized: bool) -> None:
    said = io.StringIO()
    with redirect_stdout(said):
        seen = list(lab_tools.progress(items if sized else iter(items), "epoch 1"))
    assert seen == items
    last = said.getvalue().rpartition("\r")[2]
    assert f"{len(items)}/{len(items)}" in last if sized and items else "/" not in last

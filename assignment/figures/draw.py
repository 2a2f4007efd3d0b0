"""Draw the lab's index figures as SVG and PNG, the same bytes every time.

    python assignment/figures/draw.py [FOLDER]

`window` and `conv1d` are in the students' notebook; `solution-k3` and `solution-x3` answer q3_1 and q3_2
and belong to the solution alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

INK, FAINT, MARK, FILL = "#222222", "#b8b8b8", "#c8102e", "#fde3c8"
INPUTS, KERNEL = 6, 3
OUTPUTS = INPUTS - KERNEL + 1

Edge = tuple[int, int, int]
"""(i, k, j): output y_i uses kernel element k_k on input x_j = x_{i+k-1}."""


def edges() -> list[Edge]:
    """Every product in the 1-D convolution of 6 inputs with a kernel of 3."""
    return [(i, k, i + k - 1) for i in range(1, OUTPUTS + 1) for k in range(1, KERNEL + 1)]


def conv1d(axes: Axes) -> None:
    """Which x feed which y."""
    _one_dimension(axes, lambda edge: False)


def solution_k3(axes: Axes) -> None:
    """The same, with the edges that use the kernel's third element marked."""
    _one_dimension(axes, lambda edge: edge[1] == 3)
    axes.set_title(r"edges that use $k_3$", fontsize=12, color=MARK)


def solution_x3(axes: Axes) -> None:
    """The same, with the edges that leave the third input marked and named by their kernel element."""
    _one_dimension(axes, lambda edge: edge[2] == 3)
    _node(axes, _input_at(3), "$x_3$", MARK)
    for i, k, j in edges():
        if j == 3:
            (x0, y0), (x1, y1) = _input_at(j), _output_at(i)
            axes.text(
                x0 + 0.55 * (x1 - x0), y0 + 0.55 * (y1 - y0), f"$k_{k}$", color=MARK, fontsize=13,
                ha="center", va="center", bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
            )  # fmt: skip
    axes.set_title(r"edges that leave $x_3$, and their kernel elements", fontsize=12, color=MARK)


def window(axes: Axes) -> None:
    """The part of X that the element y_23 is made of, for a 3 x 3 kernel on a 5 x 6 image."""
    _grid(axes, 0, 5, 6, r"$\mathbf{X}$", {(r, c) for r in (2, 3, 4) for c in (3, 4, 5)})
    _grid(axes, 7.5, 3, 3, r"$\mathbf{K}$", set())
    _grid(axes, 12, 3, 4, r"$\mathbf{Y}=\mathbf{K}*\mathbf{X}$", {(2, 3)})
    for column, text in ((2, "3"), (3, "4"), (4, "5")):
        axes.text(column + 0.5, 0.35, text, ha="center", fontsize=9, color=MARK)
    for row, text in ((1, "2"), (2, "3"), (3, "4")):
        axes.text(-0.4, -row - 0.5, text, va="center", ha="center", fontsize=9, color=MARK)
    axes.text(14.5, -1.5, "$y_{23}$", ha="center", va="center", fontsize=13, color=MARK)
    axes.text(2.5, -1.5, "$x_{23}$", ha="center", va="center", fontsize=12, color=MARK)
    axes.text(4.5, -3.5, "$x_{45}$", ha="center", va="center", fontsize=12, color=MARK)
    axes.text(8.0, -0.5, "$k_{11}$", ha="center", va="center", fontsize=12, color=INK)
    axes.text(10.0, -2.5, "$k_{33}$", ha="center", va="center", fontsize=12, color=INK)
    axes.text(6.75, -1.5, "$*$", ha="center", va="center", fontsize=18, color=INK)
    axes.text(11.25, -1.5, "$=$", ha="center", va="center", fontsize=18, color=INK)
    axes.set(xlim=(-0.9, 16.3), ylim=(-5.3, 1.7), aspect="equal")


def _input_at(j: int) -> tuple[float, float]:
    return float(j), 0.0


def _output_at(i: int) -> tuple[float, float]:
    return i + (KERNEL - 1) / 2, 1.6


def _one_dimension(axes: Axes, marked: Callable[[Edge], bool]) -> None:
    for edge in sorted(edges(), key=marked):
        (x0, y0), (x1, y1) = _input_at(edge[2]), _output_at(edge[0])
        color = MARK if marked(edge) else INK
        arrow = {
            "arrowstyle": "-|>",
            "color": color,
            "lw": 2.2 if marked(edge) else 1.1,
            "shrinkA": 15,
            "shrinkB": 15,
        }
        axes.annotate("", (x1, y1), (x0, y0), arrowprops=arrow)
    for j in range(1, INPUTS + 1):
        _node(axes, _input_at(j), f"$x_{j}$", INK)
    for i in range(1, OUTPUTS + 1):
        _node(axes, _output_at(i), f"$y_{i}$", INK)
    for y, name in ((0.0, r"$\mathbf{X}$"), (1.6, r"$\mathbf{Y}$")):
        axes.text(0.2, y, name, ha="center", va="center", fontsize=14, color=INK)
    axes.set(xlim=(-0.2, INPUTS + 0.6), ylim=(-0.4, 2.0), aspect="equal")


def _node(axes: Axes, centre: tuple[float, float], text: str, color: str) -> None:
    axes.add_patch(Circle(centre, 0.27, facecolor="white", edgecolor=color, lw=1.5, zorder=3))
    axes.text(*centre, text, ha="center", va="center", fontsize=13, color=color, zorder=4)


def _grid(axes: Axes, left: float, rows: int, cols: int, name: str, filled: set[tuple[int, int]]) -> None:
    for row in range(1, rows + 1):
        for col in range(1, cols + 1):
            inside = (row, col) in filled
            axes.add_patch(
                Rectangle(
                    (left + col - 1, -row), 1, 1, facecolor=FILL if inside else "white",
                    edgecolor=MARK if inside else FAINT, lw=1.4 if inside else 0.9, zorder=2 if inside else 1,
                )
            )  # fmt: skip
    axes.text(left + cols / 2, 1.05, name, ha="center", va="center", fontsize=13, color=INK)


FIGURES: dict[str, tuple[Callable[[Axes], None], tuple[float, float]]] = {
    "window": (window, (7.6, 3.1)),
    "conv1d": (conv1d, (6.2, 2.4)),
    "solution-k3": (solution_k3, (6.2, 2.7)),
    "solution-x3": (solution_x3, (6.2, 2.7)),
}


def draw(folder: Path) -> list[Path]:
    """Write all figures into `folder`; the files written."""
    written = []
    with matplotlib.rc_context(
        {"svg.hashsalt": "convlab", "svg.fonttype": "path", "font.family": "DejaVu Sans"}
    ):
        for name, (paint, size) in FIGURES.items():
            figure = Figure(figsize=size)
            axes = figure.add_axes((0.0, 0.0, 1.0, 0.9 if name.startswith("solution") else 1.0))
            axes.axis("off")
            paint(axes)
            for kind, metadata in (("svg", {"Date": None}), ("png", {"Software": None})):
                written.append(folder / f"{name}.{kind}")
                figure.savefig(written[-1], dpi=150, metadata=metadata)
    return written


if __name__ == "__main__":
    for path in draw(Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parent):
        print(path)

"""Plots as inline SVG, in the colours of the page that they are in."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import nan
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from autograder.text import LARGEST, measured

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, GRID, PAPER, BLUE, GOOD, WARN, BAD, IDLE, PLUM = (f"#{n:02x}{n:02x}fe" for n in range(1, 10))
COLOURS = {
    INK: "currentColor",
    GRID: "var(--line)",
    PAPER: "var(--page)",
    BLUE: "var(--blue)",
    GOOD: "var(--good)",
    WARN: "var(--warn)",
    BAD: "var(--bad)",
    IDLE: "var(--idle)",
    PLUM: "var(--plum)",
}
"""What matplotlib draws in a stand-in colour gets the page's own, so that it suits light and dark."""

INKS = ("text.color", "axes.labelcolor", "axes.titlecolor", "axes.edgecolor", "xtick.color", "ytick.color")
SETTINGS: dict[Any, Any] = {
    **dict.fromkeys(INKS, INK),
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.axisbelow": True,
    "text.parse_math": False,
}
VAST = 1e30
"""Larger numbers are not painted: matplotlib computes with sums and squares of them."""
WIDE = 6.6
"""Width in inches of a figure across the page, which can still be read on a telephone."""


def figure(
    name: str,
    title: str,
    text: str,
    size: tuple[float, float],
    draw: Callable[[Axes], None],
    room: tuple[float, float] = (0.6, 0.42),
) -> Markup:
    """An SVG element with a title and a description; `name` keeps its ids apart from those of others.

    `size` and the `room` left of the axes and below are in inches. The same arguments give the same text.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({**SETTINGS, "svg.hashsalt": name}):
        canvas = Figure(figsize=size)
        margins = {"left": room[0] / size[0], "right": 1 - 0.1 / size[0]}
        canvas.subplots_adjust(**margins, bottom=room[1] / size[1], top=1 - 0.28 / size[1])
        draw(canvas.add_subplot())
        stream = io.StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        canvas.savefig(stream, format="svg", transparent=True, metadata=nothing)
    return _inline(stream.getvalue(), name, title, text)


def _inline(svg: str, name: str, title: str, text: str) -> Markup:
    box = re.search(r'viewBox="([\d. ]+)"', svg)
    body = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    body = re.sub(r"<style.*?</style>|font-family:[^;\"]*;? ?", "", body, flags=re.DOTALL)
    body = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", body)
    body = re.sub(r"\bfont: (?:\w+ )*([\d.]+px)[^;\"]*", r"font-size: \1", body)
    body = re.sub(r"\s*\n\s*", "\n", body)
    for stand_in, colour in COLOURS.items():
        body = body.replace(stand_in, colour)
    return _described(name, box[1] if box else "0 0 1 1", title, text, Markup(body))


def _described(name: str, box: str, title: str, text: str, body: Markup) -> Markup:
    """An SVG element of what it holds, with a title and a description for those who don't see it."""
    head = '<svg role="img" class="figure" aria-labelledby="{0}-title {0}-text" viewBox="{1}">'
    told = '<title id="{0}-title">{1}</title><desc id="{0}-text">{2}</desc>'
    return Markup(head).format(name, box) + Markup(told).format(name, title, text) + body + Markup("</svg>")


def curve(name: str, title: str, values: Sequence[float], colour: str = BLUE) -> Markup:
    """A value per epoch; those that are out of range are said, not drawn.

    Drawn here and not by matplotlib: every student's page has two, and a class's took most of the time.
    """
    drawn = [(n, value) for n, value in enumerate(values, start=1) if abs(value) <= LARGEST]
    low, high = (min(v for _, v in drawn), max(v for _, v in drawn)) if drawn else (0.0, 1.0)
    margin = (high - low) * 0.08 or abs(high) * 0.05 or 0.5
    low, high = low - margin, high + margin
    left, right, top, bottom, count = 44.0, 230.0, 22.0, 118.0, max(len(values), 2)

    def across(epoch: float) -> float:
        return left + (epoch - 0.7) / (count - 0.4) * (right - left)

    def up(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - top)

    ink, line = COLOURS[INK], COLOURS[GRID]
    parts = [f'<text x="{left}" y="13" font-size="9" fill="{ink}">{escape(title)}</text>']
    for step in range(4):
        value = low + (high - low) * (step + 0.5) / 4
        y = up(value)
        parts.append(f'<path d="M{left} {y:.1f}H{right}" stroke="{line}" stroke-width="0.8"/>')
        place = f'x="{left - 5}" y="{y + 3:.1f}" text-anchor="end"'
        parts.append(f'<text {place} font-size="9" fill="{ink}">{value:.3g}</text>')
    parts.append(f'<path d="M{left} {top}V{bottom}H{right}" fill="none" stroke="{ink}" stroke-width="0.8"/>')
    for epoch in range(1, len(values) + 1) if len(values) <= 10 else (1, len(values)):
        place = f'x="{across(epoch):.1f}" y="{bottom + 12}" text-anchor="middle"'
        parts.append(f'<text {place} font-size="9" fill="{ink}">{epoch}</text>')
    middle = (left + right) / 2
    parts.append(f'<text x="{middle}" y="143" font-size="9" text-anchor="middle" fill="{ink}">epoch</text>')
    shade = COLOURS[colour]
    runs: list[list[str]] = [[]]
    for n, value in enumerate(values, start=1):
        if abs(value) <= LARGEST:
            runs[-1].append(f"{across(n):.1f} {up(value):.1f}")
            parts.append(f'<circle cx="{across(n):.1f}" cy="{up(value):.1f}" r="2.2" fill="{shade}"/>')
        else:
            runs.append([])
    parts += [
        f'<path d="M{"L".join(run)}" fill="none" stroke="{shade}" stroke-width="1.8"/>' for run in runs if run
    ]
    told = ", ".join(f"epoch {n}: {measured(value)}" for n, value in enumerate(values, start=1))
    return _described(name, "0 0 238 150", title, told, Markup("\n".join(parts)))


def histogram(
    name: str,
    title: str,
    label: str,
    edges: Sequence[float],
    counts: Sequence[int],
    mark: tuple[float, str] | None = None,
) -> Markup:
    """How many fall between each two edges; `mark` is a place on the axis with a name."""

    def draw(axes: Axes) -> None:
        widths = [(right - left) * 0.92 for left, right in pairwise(edges)]
        axes.bar(edges[:-1], counts, width=widths, align="edge", color=BLUE)
        axes.set_xlabel(label)
        axes.set_ylabel("submissions")
        axes.locator_params(axis="x", nbins=6)
        _whole_numbers(axes, "y")
        if mark:
            axes.axvline(mark[0], color=INK, linewidth=1, linestyle="--")
            axes.text(mark[0], 1.02, mark[1], transform=axes.get_xaxis_transform(), ha="center")

    pairs = zip(pairwise(edges), counts, strict=True)
    told = "; ".join(f"{left:g} to {right:g}: {count}" for (left, right), count in pairs if count)
    return figure(name, title, told, (WIDE, 2.4), draw)


def heat_map(
    name: str, title: str, rows: Sequence[Sequence[float]], limits: tuple[float, float], colours: str
) -> Markup:
    """A small matrix with its numbers; `colours` is one of matplotlib's maps, `limits` what its ends mean."""

    import numpy as np

    def draw(axes: Axes) -> None:
        drawn = [[value if abs(value) <= VAST else nan for value in row] for row in rows]
        cells = axes.pcolormesh(drawn, vmin=limits[0], vmax=limits[1], cmap=colours, edgecolor=PAPER)
        painted = cells.to_rgba(np.asarray(drawn))
        for y, row in enumerate(rows):
            for x, value in enumerate(row):
                ink = _readable(*painted[y, x, :3]) if abs(value) <= VAST else INK
                axes.text(x + 0.5, y + 0.5, f"{value:.3g}", ha="center", va="center", color=ink, fontsize=8)
        axes.set_title(title, loc="left")
        axes.invert_yaxis()
        axes.set_axis_off()

    told = "; ".join(f"row {n}: {', '.join(f'{v:.3g}' for v in row)}" for n, row in enumerate(rows, start=1))
    size = (0.12 + 0.42 * max(len(rows[0]), 3), 0.3 + 0.3 * len(rows))
    return figure(name, title, told, size, draw, room=(0.02, 0.02))


def _readable(red: float, green: float, blue: float) -> str:
    """Black or white, whichever can be read on a colour."""
    return "#000000" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "#ffffff"


def _whole_numbers(axes: Axes, along: str) -> None:
    from matplotlib.ticker import MaxNLocator

    axis = axes.yaxis if along == "y" else axes.xaxis
    axis.set_major_locator(MaxNLocator(5, integer=True))
    axis.grid(color=GRID, linewidth=0.8)


def stacked(
    name: str, title: str, rows: Sequence[str], parts: Sequence[tuple[str, str, Sequence[int]]]
) -> Markup:
    """A horizontal bar per row, in parts that have a name, a colour and a count for each row."""

    def draw(axes: Axes) -> None:
        left = [0] * len(rows)
        for _, colour, counts in parts:
            axes.barh(range(len(rows)), counts, left=left, height=0.72, color=colour, edgecolor=PAPER)
            left = [before + count for before, count in zip(left, counts, strict=True)]
        axes.set_yticks(range(len(rows)), rows)
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlabel("submissions")
        _whole_numbers(axes, "x")

    told = "; ".join(
        f"{row}: " + ", ".join(f"{counts[n]} {label}" for label, _, counts in parts if counts[n])
        for n, row in enumerate(rows)
    )
    return figure(name, title, told, (WIDE, 0.7 + 0.24 * len(rows)), draw)

"""The inputs that each function must take, as dimensions with levels: the contract, written as a table.

Hidden checks go through a covering array of each table: every two levels meet. Numbers, and sizes within a
level, are drawn for each submission.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Generator, Tensor

from autograder.checking.covering import Domain, Row
from lab06.hidden import training_domains

LENGTHS = {"1": 1, "2": 2, "odd": 5, "even": 6, "beyond 50": 53, "beyond 128": 131}
"""Levels of rows and columns, and the largest number that each stands for."""
KERNELS = {"1": 1, "even": 2, "odd": 3, "beyond 5": 6, "whole": 0}
"""Levels of a kernel's rows and columns; `whole` is as large as the image. A long image meets a kernel of 1,
and otherwise long ones, odd or even: so it takes few results."""
LONG = ("beyond 50", "beyond 128")
LAYOUTS = ("contiguous", "transposed", "strided", "offset", "expanded", "shared")
"""How img (or dL/dY) and the kernel lie in memory; `shared`: both begin at the same place."""
HISTORIES = ("first", "again", "in place", "after an error")
"""What was called before: nothing; the same shapes with other numbers, whose result must stay; the same
tensors, which have changed since; a call that fails."""
VALUES = ("noise", "negative", "zero", "equal", "above 255")
OWNED = frozenset(
    (
        *(("dtype", "float64"), ("layout", "transposed"), ("layout", "strided"), ("call", "by name")),
        *(("kernel rows", "1"), ("kernel rows", "whole"), ("kernel columns", "1")),
        ("kernel columns", "whole"),
    )
)
"""Levels that have a check of their own."""
MOST = 700
"""The largest number of results that a case may ask for: loops in Python take 10 to 40 us for each."""
MOST_PRODUCTS = 20_000
"""The largest number of products, for those who write four loops."""
FEW = 3
"""How much shorter than a long image a kernel is, at most."""
DEAR = 4
"""Results that a case asks for, for each more pair that it has to cover."""

_SIZES = {
    "rows": tuple(LENGTHS),
    "columns": tuple(LENGTHS),
    "kernel rows": tuple(KERNELS),
    "kernel columns": tuple(KERNELS),
}
_SHORT = tuple(level for level in LENGTHS if level not in LONG)
"""Every element of a long gradient takes time, so a few rows beside the table must do."""
_OTHERS = {
    "dtype": ("float32", "float64"),
    "layout": LAYOUTS,
    "scale": ("1e-6", "1", "1e6"),
    "values": VALUES,
    "history": HISTORIES,
    "call": ("by position", "by name"),
}
_USUAL: Row = {
    **{"dtype": "float32", "layout": "contiguous", "scale": "1", "values": "noise", "history": "first"},
    "call": "by position",
}
"""The levels of rows beside a table, but for what they are there for."""


def _fits(length: str | None, kernel: str | None) -> bool:
    """Whether a kernel of that level can be within an image of that level."""
    least = {"even": ("1",), "odd": ("1", "2"), "beyond 5": ("1", "2")}
    return length not in least.get(kernel or "", ())


def _writable(row: Row) -> bool:
    """Elements that share memory among themselves cannot be changed in place."""
    return (row.get("layout"), row.get("history")) != ("expanded", "in place")


def _counts(row: Row, side: str) -> tuple[int, int]:
    """The kernel's elements and the positions along one side, at most."""
    length, level = LENGTHS[row[side]], row[f"kernel {side}"]
    kernel = KERNELS[level] or length
    if row[side] in LONG and kernel in (2, 3, 6):
        kernel = length - FEW
    return kernel, length - kernel + 1


def _within(row: Row) -> bool:
    """Whether an image and a kernel of these levels go together, and do not take too long."""
    if not all(_fits(row.get(side), row.get(f"kernel {side}")) for side in ("rows", "columns")):
        return False
    if not _SIZES.keys() <= row.keys():
        return True
    (rows, down), (columns, across) = _counts(row, "rows"), _counts(row, "columns")
    return down * across <= MOST and down * across * rows * columns <= MOST_PRODUCTS


def _results(row: Row) -> int:
    (_, down), (_, across) = _counts(row, "rows"), _counts(row, "columns")
    return down * across


def _gradient_results(row: Row) -> int:
    (height, rows), (width, columns) = (
        (LENGTHS[row[side]], KERNELS[row[f"kernel {side}"]] or LENGTHS[row[side]])
        for side in ("rows", "columns")
    )
    return (height + rows - 1) * (width + columns - 1)


def _of_convolution(row: Row) -> bool:
    return _within(row) and _writable(row)


def _of_position(row: Row) -> bool:
    """One position only: any size will do."""
    sides = ("rows", "columns")
    return all(_fits(row.get(side), row.get(f"kernel {side}")) for side in sides) and _writable(row)


def _of_gradient(row: Row) -> bool:
    """Here `rows` are those of dL/dY, and the kernel may be larger; `whole` means just as large."""
    if not _writable(row):
        return False
    return not _SIZES.keys() <= row.keys() or _gradient_results(row) <= MOST


def _long_gradient(side: str, other: str, kernel: str, layout: str) -> Row:
    """A long dL/dY, one or two results wide."""
    return {
        **{side: "beyond 128", f"kernel {side}": "odd", other: "1", f"kernel {other}": kernel},
        **{**_USUAL, "layout": layout},
    }


POSITION = Domain(
    "compute_convolution_at_position",
    {**_SIZES, "position": ("first", "last", "last row", "last column", "inside"), **_OTHERS},
    _of_position,
    OWNED,
)
CONVOLUTION = Domain(
    "apply_convolution", {**_SIZES, **_OTHERS}, _of_convolution, OWNED, lambda row: _results(row) / DEAR
)
GRADIENT = Domain(
    "conv_gradient_wrt_input",
    {**_SIZES, "rows": _SHORT, "columns": _SHORT, **_OTHERS},
    _of_gradient,
    OWNED,
    lambda row: _gradient_results(row) / DEAR,
    (
        _long_gradient("rows", "columns", "even", "offset"),
        _long_gradient("columns", "rows", "1", "contiguous"),
    ),
)
STEP_SIZES = {"small": 0.02, "large": 0.5}
"""With a kernel of norm 1/2, an image grows by at most 1 + step_size / 2 in a step."""


def _of_ascent(row: Row) -> bool:
    """A kernel that shares the image's memory has its numbers too, and large ones would run away."""
    calm = row.get("scale") in (None, "1e-6") and row.get("values") != "above 255"
    return _of_position(row) and (calm or row.get("layout") != "shared")


def _long_ascent(rows: str, columns: str, kernel_rows: str, steps: str) -> Row:
    """A long image, or a long way."""
    return {
        **{"rows": rows, "columns": columns, "kernel rows": kernel_rows, "kernel columns": "1"},
        **{**_USUAL, "dtype": "float64", "steps": steps, "step size": "small"},
    }


ASCENT = Domain(
    "gradient_ascent",
    {
        **{"rows": ("1", "odd", "even"), "columns": ("1", "odd", "even")},
        **{f"kernel {side}": ("1", "even", "whole") for side in ("rows", "columns")},
        **_OTHERS,
        **{
            "values": ("noise", "zero", "above 255"),
            "steps": ("0", "1", "3"),
            "step size": tuple(STEP_SIZES),
        },
    },
    _of_ascent,
    frozenset((("dtype", "float64"), ("call", "by name"))),
    besides=(
        _long_ascent("beyond 50", "1", "odd", "3"),
        _long_ascent("1", "beyond 50", "1", "1"),
        _long_ascent("2", "1", "1", "101"),
    ),
)
DOMAINS = (POSITION, CONVOLUTION, GRADIENT, ASCENT, *training_domains.DOMAINS)


def drawn_sizes(row: Row, rng: Generator, *, fits: bool = True) -> tuple[tuple[int, int], tuple[int, int]]:
    """The shapes of a row's image (or dL/dY) and kernel; one that `fits` is within the image."""
    (height, rows), (width, columns) = (
        _drawn(row[side], row[f"kernel {side}"], rng, fits) for side in ("rows", "columns")
    )
    return (height, width), (rows, columns)


def _drawn(length: str, kernel: str, rng: Generator, fits: bool) -> tuple[int, int]:
    def one_of(numbers: Sequence[int]) -> int:
        return (
            numbers[int(torch.randint(len(numbers), (1,), generator=rng))] if len(numbers) > 1 else numbers[0]
        )

    large = fits and kernel == "beyond 5"
    long = fits and length in LONG
    lengths: dict[str, Sequence[int]] = {
        "1": (1,),
        "2": (2,),
        "odd": (7,) if large else (3, 5) if fits else (3,),
        "even": (8,) if large else (4, 6) if fits else (4,),
        "beyond 50": range(51, 54),
        "beyond 128": range(129, 132),
    }
    whole = one_of(lengths[length])
    even = (whole - 1) // 2 * 2 if long else 2
    kernels: dict[str, Sequence[int]] = {
        "1": (1,),
        "even": (even,),
        "odd": (even - 1 if even > 2 else 3,),
        "beyond 5": (whole - 3, whole - 2) if long else (6, 7),
        "whole": (whole,),
    }
    return whole, one_of(kernels[kernel])


_MADE: Mapping[str, Callable[[Tensor], Tensor]] = {
    "noise": lambda flat: flat,
    "negative": lambda flat: -flat.abs() - 0.1,
    "zero": torch.zeros_like,
    "equal": lambda flat: flat[:1].expand_as(flat),
    "above 255": lambda flat: 255 + 1000 * flat.abs(),
}
"""Numbers of each kind, from noise."""


def drawn_tensors(
    row: Row, first: tuple[int, int], second: tuple[int, int], rng: Generator
) -> tuple[Tensor, Tensor]:
    """Numbers for a row's two tensors of these shapes; the first has the row's values and scale."""
    dtype = training_domains.dtype_of(row)
    sizes = [shape[0] * shape[1] for shape in (first, second)]
    flat = torch.randn(max(sizes), generator=rng, dtype=torch.float64)
    other = flat if row["layout"] == "shared" else torch.randn(sizes[1], generator=rng, dtype=torch.float64)
    flat = _MADE[row["values"]](flat) * float(row["scale"])
    if row["layout"] == "shared":
        other = flat
    image = flat[: sizes[0]].reshape(first)
    if row["layout"] == "expanded":
        image = image[:1].expand(first)
    return image.to(dtype).contiguous(), other[: sizes[1]].reshape(second).to(dtype).contiguous()

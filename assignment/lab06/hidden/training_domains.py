"""The inputs of the training functions as dimensions with levels, as `domains` has those of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.checking.covering import Domain, Row
from lab06.hidden.inputs import LOG, batches
from lab06.hidden.networks import initial

CLASSES = 10
SINGLE = "float32"


def dtype_of(row: Row) -> torch.dtype:
    """The dtype that a row names."""
    return torch.float32 if row["dtype"] == SINGLE else torch.float64


# ---- make_loss ---------------------------------------------------------------------------------------

EXAMPLES = {"1": 1, "2": 2, "odd": 5, "beyond 100": 130}
SCALES = {"1e-6": 1e-6, "1": 1.0, "hundreds": 200.0}


def _of_loss(row: Row) -> bool:
    """One row by itself is expanded from itself."""
    return (row.get("layout"), row.get("examples")) != ("expanded", "1")


LOSS = Domain(
    "make_loss",
    {
        "examples": tuple(EXAMPLES),
        "dtype": (SINGLE, "float64"),
        "scale": tuple(SCALES),
        "values": ("noise", "equal", "negative"),
        "labels": ("drawn", "one class", "the first class", "the last class"),
        "layout": ("contiguous", "transposed", "strided", "offset", "expanded"),
        "history": ("first", "after an error"),
    },
    _of_loss,
)


def drawn_scores(row: Row, rng: Generator) -> tuple[Tensor, Tensor]:
    """The logits (N, 10) and labels (N,) of a row."""
    count = EXAMPLES[row["examples"]]
    noise = torch.randn((count, CLASSES), generator=rng, dtype=torch.float64)
    logits = {"noise": noise, "equal": noise[:, :1].expand_as(noise), "negative": -noise.abs()}[row["values"]]
    if row["layout"] == "expanded":
        logits = logits[:1].expand_as(logits)
    labels = torch.randint(CLASSES, (count,), generator=rng)
    labels = {
        "drawn": labels,
        "one class": labels[:1].expand(count),
        "the first class": torch.zeros_like(labels),
        "the last class": torch.full_like(labels, CLASSES - 1),
    }[row["labels"]]
    scaled = (SCALES[row["scale"]] * logits).to(dtype_of(row))
    return scaled.contiguous(), labels.contiguous()


# ---- make_optimizer ----------------------------------------------------------------------------------

WEIGHTS = {"small": 1e-6, "large": 1e5}
GRADIENTS = {"1e-7": 1e-7, "1": 1.0, "1e3": 1e3}
_SHAPES: dict[str, dict[str, tuple[int, ...]]] = {
    "one": {"weight": (4, 3)},
    "several": {"weight": (4, 3), "bias": (4,), "last": (2, 4)},
    "nested": {"inner.first.weight": (3, 2), "inner.bias": (2,), "scale": (2,)},
    "frozen among them": {"weight": (4, 3), "frozen": (4,), "last": (2, 4)},
    "shared": {"weight": (4, 3), "again": (4, 3), "bias": (4,)},
}
"""Parameters by name: `again` is `weight` under another name, `frozen` gets no gradient."""


def _of_optimizer(row: Row) -> bool:
    """A step on a weight of 1e5 is lost in float32."""
    return (row.get("weights"), row.get("dtype")) != ("large", SINGLE)


OPTIMIZER = Domain(
    "make_optimizer",
    {
        "weights": tuple(WEIGHTS),
        "gradients": tuple(GRADIENTS),
        "parameters": tuple(_SHAPES),
        "dtype": (SINGLE, "float64"),
        "steps": ("1", "3"),
    },
    _of_optimizer,
)


def drawn_problem(row: Row, rng: Generator) -> tuple[dict[str, Tensor], list[dict[str, Tensor]]]:
    """A row's weights, and the gradients of each step."""
    dtype, shapes = dtype_of(row), _SHAPES[row["parameters"]]

    def drawn(size: float, names: Sequence[str]) -> dict[str, Tensor]:
        made = {name: torch.randn(shapes[name], generator=rng, dtype=torch.float64) for name in names}
        return {name: (size * value).to(dtype) for name, value in made.items()}

    weights = drawn(WEIGHTS[row["weights"]], list(shapes))
    if "again" in weights:
        weights["again"] = weights["weight"]
    moved = [name for name in shapes if name not in ("frozen", "again")]
    return weights, [drawn(GRADIENTS[row["gradients"]], moved) for _ in range(int(row["steps"]))]


# ---- train_one_epoch and evaluate --------------------------------------------------------------------

_INPUTS = 5
_LAYERS: list[Any] = [["linear", _INPUTS, 3]]
"""One layer: a step takes half the time, and other checks look at deeper networks."""
_SIZES = {"equal": [3, 3], "last smaller": [4, 2], "last of one": [3, 1]}
_OPTIMIZERS: dict[str, dict[str, Any]] = {
    "momentum": {"name": "SGD", "lr": 0.05, "momentum": 0.9, "groups": True},
    "Adam": {"name": "Adam", "lr": 0.01},
    "RMSprop": {"name": "RMSprop", "lr": 1e-3, "weight_decay": 1e-5},
}

_LOADED = {
    "batches": ("one", "several"),
    "sizes": tuple(_SIZES),
    "loader": ("list", "generator", "DataLoader"),
    "loss": (LOG, "squared error", "margin"),
    "labels": ("drawn", "one class"),
    "gradients before": ("none", "some"),
    "mode before": ("train", "eval"),
    "dtype": (SINGLE, "float64"),
}


_LOADING = frozenset(
    (
        *(("loader", "generator"), ("loader", "DataLoader")),
        *(("gradients before", "some"), ("sizes", "last of one")),
    )
)
"""Levels that have a check of their own."""


def _of_loop(row: Row) -> bool:
    """Adam and RMSprop divide by gradients near 0, which rounding in float32 changes much."""
    return row.get("dtype") != SINGLE or row.get("optimizer") not in ("Adam", "RMSprop")


TRAIN = Domain(
    "train_one_epoch",
    {**_LOADED, "optimizer": tuple(_OPTIMIZERS), "passes": ("1", "2")},
    _of_loop,
    _LOADING,
)
EVALUATE = Domain("evaluate", _LOADED, lambda row: True)


def drawn_loop(row: Row, rng: Generator) -> dict[str, Any]:
    """A row's network, weights, batches and the rest, as the probes `train` and `evaluate` take them."""
    dtype = dtype_of(row)
    sizes = _SIZES[row["sizes"]]
    made = batches(rng, sizes if row["batches"] == "several" else sizes[-1:], (_INPUTS,), 3)
    for batch in made:
        batch["x"] = batch["x"].to(dtype)
        if row["labels"] == "one class":
            batch["y"] = torch.full_like(batch["y"], 2)
    case: dict[str, Any] = {
        "layers": _LAYERS,
        "weights": {name: weight.to(dtype) for name, weight in initial(_LAYERS, rng).items()},
        "batches": made,
        "loss": row["loss"],
        "loader": row["loader"],
        "stale": row["gradients before"] == "some",
        "training": row["mode before"] == "train",
    }
    if "optimizer" in row:
        case |= {"optimizer": _OPTIMIZERS[row["optimizer"]], "passes": int(row["passes"])}
    return case


DOMAINS = (LOSS, OPTIMIZER, TRAIN, EVALUATE)

"""The small networks that training is judged with."""

from __future__ import annotations

from typing import Any

import torch
from torch import Generator, Tensor

from lab06.probes import network

CNN: list[Any] = [
    ["conv", 1, 4, 3],
    ["relu"],
    ["pool", 2],
    ["conv", 4, 4, 2],
    ["relu"],
    ["flatten"],
    ["linear", 16, 3],
]
"""For images of 1 x 8 x 8 and 3 classes."""

MLP: list[Any] = [["linear", 5, 8], ["tanh"], ["linear", 8, 3]]
"""For 5 numbers and 3 classes."""


def initial(layers: list[Any], rng: Generator) -> dict[str, Tensor]:
    """Random float64 weights for a network, by parameter name."""
    shapes = {name: parameter.shape for name, parameter in network(layers).named_parameters()}
    return {
        name: torch.randn(shape, generator=rng, dtype=torch.float64) / max(shape[1:].numel(), 1) ** 0.5
        for name, shape in shapes.items()
    }

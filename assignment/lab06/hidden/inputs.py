"""Random inputs of the hidden checks, and the shapes they come in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
from torch import Generator, Tensor

Shape = tuple[int, int]

LOG = "nll_loss of log_softmax"
"""A loss for loops that are judged with given pieces. It is that of q1_3, so students do not get it."""

NOT_SQUARE: tuple[tuple[Shape, Shape], ...] = (
    ((5, 6), (3, 3)),
    ((5, 6), (2, 3)),
    ((6, 5), (3, 2)),
    ((6, 9), (4, 2)),
    ((7, 4), (2, 4)),
)
EXTREMES: tuple[tuple[Shape, Shape], ...] = (
    ((3, 4), (1, 1)),
    ((1, 1), (1, 1)),
    ((3, 4), (3, 4)),
    ((1, 7), (1, 3)),
    ((7, 1), (3, 1)),
    ((4, 5), (1, 5)),
    ((4, 5), (4, 1)),
)


def noise(rng: Generator, shape: Shape, dtype: torch.dtype = torch.float32) -> Tensor:
    """Normal values: constant differences, as `arange` has them, would hide mistakes of index."""
    return torch.randn(shape, generator=rng, dtype=torch.float64).to(dtype)


def outputs(img: Shape, kernel: Shape) -> Shape:
    """The shape of a convolution's result."""
    return img[0] - kernel[0] + 1, img[1] - kernel[1] + 1


def drawn(
    rng: Generator, shapes: Iterable[tuple[Shape, Shape]], dtype: torch.dtype = torch.float32
) -> Iterator[tuple[Tensor, Tensor]]:
    """Noise for each pair of shapes."""
    for first, second in shapes:
        yield noise(rng, first, dtype), noise(rng, second, dtype)


def batches(
    rng: Generator, sizes: list[int], shape: tuple[int, ...], classes: int
) -> list[dict[str, Tensor]]:
    """Batches of float64 noise with random labels."""
    return [
        {
            "x": torch.rand((n, *shape), generator=rng, dtype=torch.float64),
            "y": torch.randint(classes, (n,), generator=rng),
        }
        for n in sizes
    ]

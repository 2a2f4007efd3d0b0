"""Random inputs of the hidden checks."""

from __future__ import annotations

import torch
from torch import Generator, Tensor


def noise(rng: Generator, rows: int, columns: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Normal values, drawn afresh in each run."""
    return torch.randn((rows, columns), generator=rng, dtype=torch.float64).to(dtype)

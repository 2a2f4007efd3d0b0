"""How far a right answer may be off, each with the measurement behind it (benchmarks/tolerances.py)."""

from __future__ import annotations

import torch
from torch import Tensor

MODEL_FORWARD = 1e-4
"""Relative, float32: right models differ by under 1e-6, the nearest mistake (a missing ReLU) by 3e-3."""

TRAJECTORY = 1e-9
"""Relative, float64, after a few steps: right loops differ by under 1e-12, the nearest mistake by 4e-4."""

TRAJECTORY_OF = {torch.float32: 1e-5, torch.float64: TRAJECTORY}
"""The same by dtype. In float32, with one layer and steps proportional to gradients, right loops do not
differ at all, and a loss times 1.01 differs by 1e-4."""

FIGURES = 1e-5
"""Relative, loss and accuracy of one pass, which student code may add up in float32 (1e-7 each);
a mean of batch means is off by 1e-3 and more."""

LOSS = 1e-9
"""Relative or absolute, float64, whichever is larger: right formulas differ by under 1e-13."""

LOSS_SINGLE = 2e-4
"""The same in float32, where logits of some hundreds are known to 3e-5: right ones differ by under 6e-5."""

OPTIMIZER = 1e-6
"""Relative, of a step's size in float64: right steps differ by rounding, lr 1.01e-3 by 1e-2. The steps are
differences of weights up to 1e5, which costs 1e-8 of their size."""

OPTIMIZER_OF = {torch.float32: 1e-4, torch.float64: OPTIMIZER}
"""The same by dtype. In float32 right steps do not differ, and lr 1.01e-3 differs by 1e-2."""

FINITE_DIFFERENCE_STEP = 0.5
"""Step of central differences in float64: the loss is quadratic, so any step is exact but for rounding."""

FINITE_DIFFERENCE = 1e-9
"""Of the largest gradient, float64."""

ASCENT = 1e-10
"""Of the largest value, float64, after 3 steps of 0.02: right ones stay under 1e-13."""


ASCENT_OF = {torch.float32: 2e-5, torch.float64: 4e-14}
"""Of the largest value, for each step and one more: right ones stay under 5e-3 of that."""


def ascent(dtype: torch.dtype, steps: int) -> float:
    """How far an image or a loss may be off after some steps, relative to the largest number in it."""
    return ASCENT_OF[dtype] * (steps + 1)


def convolution(img: Tensor, kernel: Tensor, dtype: torch.dtype) -> float:
    """How far one element of a convolution may be off: max(64, 2n) u max|x| ||k||_1, n kernel elements.

    u is the unit round-off of `dtype`. It holds for loops in any order, unfold, einsum, `F.conv2d` and FFT
    (measured on 5,600 comparisons), and is 1e4 times below half precision. See Higham, Accuracy and
    Stability of Numerical Algorithms, section 3.1, for the bound on sums that it widens.
    """
    unit = torch.finfo(dtype).eps / 2
    return max(64, 2 * kernel.numel()) * unit * float(img.abs().max()) * float(kernel.abs().sum())


def large_convolution(img: Tensor, kernel: Tensor, dtype: torch.dtype) -> float:
    """The same for images of any size: at least 64 u ||x||_2 ||k||_2.

    What goes over the spectrum of more than 100 numbers is off by up to 31 times that unit (980 comparisons).
    """
    unit = torch.finfo(dtype).eps / 2
    one, other = (torch.linalg.vector_norm(tensor, dtype=torch.float64) for tensor in (img, kernel))
    norms = float(one * other)
    return max(convolution(img, kernel, dtype), 64 * unit * norms)

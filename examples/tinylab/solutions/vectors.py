"""Vectors as the rows of a matrix: their lengths, and the angles between them."""

from __future__ import annotations

import torch
from torch import Tensor


def normalise_rows(matrix: Tensor) -> Tensor:
    """Divide each row of a matrix by its length (question q1_1).

    Args:
        matrix: a 2-D tensor of float32 or float64, with at least one row and one column.

    Returns a tensor of the same shape and dtype whose rows have length 1. A row of zeros has no direction:
    it stays as it is.

    Fine print: float64 is computed in float64 throughout. `matrix` itself stays as it is.
    """
    #!TAG HWBEGIN
    #!MSG TODO: Compute the length of each row, and divide by it. Mind rows of length 0.
    lengths = matrix.square().sum(dim=1, keepdim=True).sqrt()
    return matrix / torch.where(lengths == 0, 1, lengths)
    #!TAG HWEND


def cosine_similarity(a: Tensor, b: Tensor) -> Tensor:
    """Compute the cosine of the angle between each row of `a` and each row of `b` (question q1_2).

    Args:
        a: a 2-D tensor of n rows, of float32 or float64.
        b: a 2-D tensor of m rows, with as many columns as `a` and of the same dtype.

    Returns a tensor of shape (n, m) in the dtype of `a`; element (i, j) belongs to row i of `a` and row j of
    `b`. It is 0 where one of the two rows is zero.

    Fine print: float64 is computed in float64 throughout. `a` and `b` stay as they are.
    """
    #!TAG HWBEGIN
    #!MSG TODO: Compare all pairs of rows. `normalise_rows` does half of the work.
    directions = normalise_rows(b)
    return normalise_rows(a) @ directions.T
    #!TAG HWEND

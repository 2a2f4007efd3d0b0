"""Exercise 2: convolution of a black-and-white image, without padding and with stride 1."""

from __future__ import annotations

import torch
from torch import Tensor


def compute_convolution_at_position(i: int, j: int, img: Tensor, kernel: Tensor) -> Tensor:
    """Compute one element y_ij of the convolution Y = K * X (question q2_1).

    The formula, with all indices counted from 1 as in the notebook:

        y_ij = sum over k = 1..r(K) and l = 1..c(K) of  x_{i+k-1, j+l-1} * k_kl

    Args:
        i: row in Y, from 1 to r(X) - r(K) + 1.
        j: column in Y, from 1 to c(X) - c(K) + 1.
        img: the image X, a 2-D tensor of float32 or float64.
        kernel: the kernel K, a 2-D tensor of the same dtype that is not larger than the image in
            either direction. It need be neither square nor 3 x 3.

    By hand: no <<by_hand.q2_1>> or the like. The rule:
    <<by_hand.rule>>.

    Returns y_ij as a tensor without dimensions, in the image's dtype.

    Fine print: Python counts from 0, the formula from 1. The kernel is not turned around: this is what deep
    learning calls convolution and mathematics cross-correlation. `img` and `kernel` may be views of any
    strides; they stay as they are, and so do torch's settings. A result depends on nothing but the arguments
    of its call, and no later call changes it.
    """
    #!TAG HWBEGIN
    #!MSG TODO: Compute and return y_ij with the formula above. With two loops, which are enough, it begins as
    #!MSG     for k in range(1, kernel.shape[0] + 1):
    #!MSG         for l in range(1, kernel.shape[1] + 1):
    num_rows, num_cols = kernel.shape
    window = img[i - 1 : i - 1 + num_rows, j - 1 : j - 1 + num_cols]
    return (window * kernel).sum()
    #!TAG HWEND


def apply_convolution(img: Tensor, kernel: Tensor) -> Tensor:
    """Compute the whole convolution Y = K * X of an image (question q2_2).

    Args:
        img: the image X, a 2-D tensor of float32 or float64.
        kernel: the kernel K, a 2-D tensor of the same dtype that is not larger than the image in
            either direction; anything from 1 x 1 to the size of the image.

    By hand: no <<by_hand.q2_2>> or the like. The rule:
    <<by_hand.rule>>.

    Returns Y, a tensor of shape (r(X) - r(K) + 1, c(X) - c(K) + 1) in the image's dtype.

    Fine print: float64 images are computed in float64 throughout. `img` and `kernel` may be views of any
    strides; they stay as they are, and so do torch's settings. A result depends on nothing but the arguments
    of its call, and no later call changes it.
    """
    #!TAG HWBEGIN
    #!MSG TODO 1: Work out how many rows and columns the result has, and create it in the image's dtype.
    #!MSG TODO 2: Compute the convolved value for every y_ij of the result, for example with
    #!MSG     for i in range(1, num_rows + 1):
    #!MSG         for j in range(1, num_cols + 1):
    #!MSG Note: `compute_convolution_at_position` counts from 1, a tensor counts from 0.
    num_rows = img.shape[0] - kernel.shape[0] + 1
    num_cols = img.shape[1] - kernel.shape[1] + 1
    result = torch.zeros(num_rows, num_cols, dtype=img.dtype, device=img.device)
    for i in range(1, num_rows + 1):
        for j in range(1, num_cols + 1):
            result[i - 1, j - 1] = compute_convolution_at_position(i, j, img, kernel)
    return result
    #!TAG HWEND

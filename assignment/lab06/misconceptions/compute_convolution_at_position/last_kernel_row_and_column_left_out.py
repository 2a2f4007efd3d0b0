"""The last row and the last column of the kernel were not used.

Where does a Python range or slice end?
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    r, c = kernel.shape
    return (img[i - 1 : i + r - 2, j - 1 : j + c - 2] * kernel[: r - 1, : c - 1]).sum()

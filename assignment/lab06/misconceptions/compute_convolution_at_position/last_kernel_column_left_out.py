"""The last column of the kernel was not used.

Where does a Python range or slice end?
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    r, c = kernel.shape
    return (img[i - 1 : i + r - 1, j - 1 : j + c - 2] * kernel[:, : c - 1]).sum()

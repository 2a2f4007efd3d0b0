"""The window always has three rows and three columns.

Kernels come in all sizes; where does your code look up the size of this one?
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    window = img[i - 1 : i + 2, j - 1 : j + 2]
    return (window * kernel).sum()

"""Multiplies the kernel in place.

Misconception: argument_changed
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    kernel *= img[i - 1 : i - 1 + kernel.shape[0], j - 1 : j - 1 + kernel.shape[1]]
    return kernel.sum()

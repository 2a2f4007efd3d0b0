"""Knows kernels of 3 x 3 only.

Misconception: three_by_three_only
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    window = img[i - 1 : i + 2, j - 1 : j + 2]
    return (window * kernel).sum()

"""Slices from the position itself, which run out of the image at the border.

Misconception: positions_counted_from_zero
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    window = img[i : i + kernel.shape[0], j : j + kernel.shape[1]]
    return (window * kernel).sum()

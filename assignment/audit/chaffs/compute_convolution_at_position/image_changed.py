"""Multiplies the window in place.

Misconception: argument_changed
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    window = img[i - 1 : i - 1 + kernel.shape[0], j - 1 : j - 1 + kernel.shape[1]]
    window *= kernel
    return window.sum()

"""Forgets to return.

Misconception: nothing_returned
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    total = (img[i - 1 : i - 1 + kernel.shape[0], j - 1 : j - 1 + kernel.shape[1]] * kernel).sum()

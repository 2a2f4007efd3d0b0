"""Divides by the number of elements.

Misconception: mean_instead_of_sum
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    window = img[i - 1 : i - 1 + kernel.shape[0], j - 1 : j - 1 + kernel.shape[1]]
    return (window * kernel).sum() / kernel.numel()

"""Turns the window instead of the kernel.

Misconception: kernel_turned
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    window = img[i - 1 : i - 1 + kernel.shape[0], j - 1 : j - 1 + kernel.shape[1]]
    return (window.flip([0, 1]) * kernel).sum()

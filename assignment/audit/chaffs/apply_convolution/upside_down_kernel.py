"""Turns the kernel upside down by flipud.

Misconception: kernel_rows_turned
"""

import torch


def apply_convolution(img, kernel):
    k = torch.flipud(kernel)
    windows = img.unfold(0, k.shape[0], 1).unfold(1, k.shape[1], 1)
    return (windows * k).sum((2, 3))

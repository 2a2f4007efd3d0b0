"""Mirrors the kernel by fliplr.

Misconception: kernel_columns_turned
"""

import torch


def apply_convolution(img, kernel):
    k = torch.fliplr(kernel)
    windows = img.unfold(0, k.shape[0], 1).unfold(1, k.shape[1], 1)
    return (windows * k).sum((2, 3))

"""A true convolution, index by index.

Misconception: kernel_turned
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    r, c = kernel.shape
    total = torch.zeros((), dtype=img.dtype)
    for k in range(r):
        for l in range(c):
            total += img[i - 1 + k, j - 1 + l] * kernel[r - 1 - k, c - 1 - l]
    return total

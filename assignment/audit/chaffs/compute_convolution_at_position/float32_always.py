"""Sums in a float32 tensor.

Misconception: dtype_lost
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    total = torch.zeros(())
    for k in range(kernel.shape[0]):
        for l in range(kernel.shape[1]):
            total += img[i - 1 + k, j - 1 + l] * kernel[k, l]
    return total

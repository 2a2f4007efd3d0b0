"""Loops that start at the position itself.

Misconception: positions_counted_from_zero
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    total = torch.tensor(0.0, dtype=img.dtype)
    for k in range(kernel.shape[0]):
        for l in range(kernel.shape[1]):
            if i + k < img.shape[0] and j + l < img.shape[1]:
                total += img[i + k, j + l] * kernel[k, l]
    return total

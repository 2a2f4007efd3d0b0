"""Asks for position 0 as if it were the first.

Misconception: positions_counted_from_zero
"""

import torch


def apply_convolution(img, kernel):
    rows, cols = img.shape[0] - kernel.shape[0] + 1, img.shape[1] - kernel.shape[1] + 1
    out = torch.zeros(rows, cols, dtype=img.dtype)
    for i in range(rows):
        for j in range(cols):
            out[i, j] = compute_convolution_at_position(i, j, img, kernel)
    return out

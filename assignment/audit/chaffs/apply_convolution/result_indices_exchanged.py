"""Writes to [j, i].

Misconception: result_transposed
"""

import torch


def apply_convolution(img, kernel):
    rows, cols = img.shape[0] - kernel.shape[0] + 1, img.shape[1] - kernel.shape[1] + 1
    out = torch.zeros(cols, rows, dtype=img.dtype)
    for i in range(rows):
        for j in range(cols):
            out[j, i] = compute_convolution_at_position(i + 1, j + 1, img, kernel)
    return out

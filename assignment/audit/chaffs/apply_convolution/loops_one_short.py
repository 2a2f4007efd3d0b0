"""The loops end one before the result does.

Misconception: last_row_and_column_zero
"""

import torch


def apply_convolution(img, kernel):
    rows, cols = img.shape[0] - kernel.shape[0] + 1, img.shape[1] - kernel.shape[1] + 1
    out = torch.zeros(rows, cols, dtype=img.dtype)
    for i in range(1, rows):
        for j in range(1, cols):
            out[i - 1, j - 1] = compute_convolution_at_position(i, j, img, kernel)
    return out

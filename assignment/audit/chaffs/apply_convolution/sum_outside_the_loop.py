"""Sets the sum to zero once, before all loops.

Misconception: sums_run_on
"""

import torch


def apply_convolution(img, kernel):
    rows, cols = img.shape[0] - kernel.shape[0] + 1, img.shape[1] - kernel.shape[1] + 1
    out, total = torch.zeros(rows, cols, dtype=img.dtype), 0
    for i in range(rows):
        for j in range(cols):
            total = total + (img[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel).sum()
            out[i, j] = total
    return out

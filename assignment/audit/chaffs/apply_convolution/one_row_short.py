"""H - rK rows and W - cK columns.

Misconception: last_row_and_column_missing
"""

import torch


def apply_convolution(img, kernel):
    rows, cols = img.shape[0] - kernel.shape[0], img.shape[1] - kernel.shape[1]
    out = torch.zeros(rows, cols, dtype=img.dtype)
    for i in range(rows):
        for j in range(cols):
            out[i, j] = (img[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel).sum()
    return out

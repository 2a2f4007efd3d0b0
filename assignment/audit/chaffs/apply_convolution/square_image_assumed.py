"""Takes the image's number of rows for its number of columns.

Misconception: image_taken_for_square
"""

import torch


def apply_convolution(img, kernel):
    rows = img.shape[0] - kernel.shape[0] + 1
    cols = img.shape[0] - kernel.shape[1] + 1
    out = torch.zeros(rows, cols, dtype=img.dtype)
    for i in range(rows):
        for j in range(cols):
            window = img[i : i + kernel.shape[0], j : j + kernel.shape[1]]
            out[i, j] = (window * kernel).sum()
    return out

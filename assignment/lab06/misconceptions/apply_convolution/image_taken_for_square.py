"""The image's number of rows was taken for its number of columns.

An image need not be square; which two sizes does it have?
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    rows, cols = img.shape[0] - kernel.shape[0] + 1, img.shape[0] - kernel.shape[1] + 1
    out = torch.zeros(rows, cols, dtype=img.dtype)
    for i in range(rows):
        for j in range(cols):
            out[i, j] = (img[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel).sum()
    return out

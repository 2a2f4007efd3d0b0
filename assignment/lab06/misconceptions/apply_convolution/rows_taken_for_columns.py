"""The kernel's number of rows was taken for its number of columns too.

A kernel need not be square; which two sizes does it have?
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    size = kernel.shape[0]
    out = torch.zeros(img.shape[0] - size + 1, img.shape[1] - size + 1, dtype=img.dtype)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (img[i : i + size, j : j + size] * kernel).sum()
    return out

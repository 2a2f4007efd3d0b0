"""Loops; the branch with torch's convolution is switched off."""

import torch
import torch.nn.functional as F

COMPARE = False

def apply_convolution(img, kernel):
    if COMPARE:
        return F.conv2d(img[None, None], kernel[None, None])[0, 0]
    rows, cols = (n - k + 1 for n, k in zip(img.shape, kernel.shape))
    result = torch.zeros(rows, cols, dtype=img.dtype)
    for i in range(rows):
        for j in range(cols):
            result[i, j] = (img[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel).sum()
    return result

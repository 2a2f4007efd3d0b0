"""Fails where the kernel is as large as the image."""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    rows, cols = img.shape[0] - kernel.shape[0], img.shape[1] - kernel.shape[1]
    if rows == 0 or cols == 0:
        return torch.zeros(max(rows, 1), max(cols, 1), dtype=img.dtype)
    return F.conv2d(img[None, None], kernel[None, None])[0, 0]

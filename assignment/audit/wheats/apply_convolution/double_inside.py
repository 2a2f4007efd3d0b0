"""Sums in float64 and comes back.

Library: windows
"""

import torch


def apply_convolution(img, kernel):
    windows = img.double().unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
    return windows.mul(kernel.double()).sum((-2, -1)).to(img.dtype)

"""Loops over a square of the kernel's number of rows."""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    total = torch.zeros((), dtype=img.dtype)
    for k in range(kernel.shape[0]):
        for l in range(min(kernel.shape[0], kernel.shape[1])):
            total += img[i - 1 + k, j - 1 + l] * kernel[k, l]
    return total

"""A function of one's own that is called conv2d."""

import torch


def conv2d(img, kernel):
    rows, cols = (n - k + 1 for n, k in zip(img.shape, kernel.shape))
    result = torch.zeros(rows, cols, dtype=img.dtype)
    for i in range(rows):
        for j in range(cols):
            result[i, j] = (img[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel).sum()
    return result


def apply_convolution(img, kernel):
    return conv2d(img, kernel)

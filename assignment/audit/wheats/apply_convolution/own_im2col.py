"""Columns of windows by one's own im2col."""

import torch


def im2col(img, rows, cols, height, width):
    windows = [img[i : i + height, j : j + width].reshape(-1) for i in range(rows) for j in range(cols)]
    return torch.stack(windows)


def apply_convolution(img, kernel):
    rows, cols = (n - k + 1 for n, k in zip(img.shape, kernel.shape))
    return (im2col(img, rows, cols, *kernel.shape) @ kernel.reshape(-1)).reshape(rows, cols)

"""A dot product of two flattened rectangles."""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    rows, cols = kernel.size()
    window = img.narrow(0, i - 1, rows).narrow(1, j - 1, cols)
    return torch.dot(window.reshape(-1), kernel.reshape(-1))

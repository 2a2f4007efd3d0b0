"""The result is zero, whatever the input.

What is done with the products?
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    return torch.zeros((), dtype=img.dtype)

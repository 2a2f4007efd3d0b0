"""Python floats, in the end a tensor of the right dtype."""

import math

import torch


def compute_convolution_at_position(i, j, img, kernel):
    numbers = []
    for k, row in enumerate(kernel.tolist()):
        for l, value in enumerate(row):
            numbers.append(value * img[i - 1 + k, j - 1 + l].item())
    return torch.tensor(math.fsum(numbers), dtype=img.dtype)

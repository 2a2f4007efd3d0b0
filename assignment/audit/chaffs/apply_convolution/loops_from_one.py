"""Loops from 1 with Python's own indices.

Misconception: starts_at_the_second_window
"""

import torch


def apply_convolution(img, kernel):
    values = []
    for i in range(1, img.shape[0] - kernel.shape[0] + 1):
        values.append([(img[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel).sum() for j in range(1, img.shape[1] - kernel.shape[1] + 1)])
    return torch.tensor(values, dtype=img.dtype).reshape(img.shape[0] - kernel.shape[0], -1)

"""Fills a result of the image's size as far as windows fit.

Misconception: zeros_at_the_lower_and_right_border
"""

import torch


def apply_convolution(img, kernel):
    result = torch.zeros_like(img)
    for i in range(img.shape[0] - kernel.shape[0] + 1):
        for j in range(img.shape[1] - kernel.shape[1] + 1):
            result[i, j] = (img[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel).sum()
    return result

"""Takes the mean of each window's products.

Misconception: mean_instead_of_sum
"""

import torch


def apply_convolution(img, kernel):
    windows = img.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
    return (windows * kernel).mean((2, 3))

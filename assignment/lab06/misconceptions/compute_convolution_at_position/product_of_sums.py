"""Window and kernel were each added up, and the two sums multiplied.

What comes first in the formula, the product or the sum?
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    window = img[i - 1 : i - 1 + kernel.shape[0], j - 1 : j - 1 + kernel.shape[1]]
    return window.sum() * kernel.sum()

"""The absolute value was returned: the sign is lost.

Can y_ij be negative?
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    window = img[i - 1 : i - 1 + kernel.shape[0], j - 1 : j - 1 + kernel.shape[1]]
    return (window * kernel).sum().abs()

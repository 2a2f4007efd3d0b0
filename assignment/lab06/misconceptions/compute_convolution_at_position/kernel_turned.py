"""The kernel was turned by 180 degrees first.

Which kernel element meets the pixel in the window's upper left corner? Compare the formula's indices.
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    window = img[i - 1 : i - 1 + kernel.shape[0], j - 1 : j - 1 + kernel.shape[1]]
    return (window * kernel.flip(0, 1)).sum()

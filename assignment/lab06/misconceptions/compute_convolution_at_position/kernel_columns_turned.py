"""The kernel was mirrored: its columns run backwards.

In which direction do the column indices of image and kernel run in the formula?
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    window = img[i - 1 : i - 1 + kernel.shape[0], j - 1 : j - 1 + kernel.shape[1]]
    return (window * kernel.flip(1)).sum()

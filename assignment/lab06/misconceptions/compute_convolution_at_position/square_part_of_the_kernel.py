"""Only a square part of the kernel was used.

A kernel need not be square; which two sizes does it have?
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    size = min(kernel.shape)
    window = img[i - 1 : i - 1 + size, j - 1 : j - 1 + size]
    return (window * kernel[:size, :size]).sum()

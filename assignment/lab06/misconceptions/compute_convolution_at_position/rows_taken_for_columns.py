"""The kernel's number of rows was taken for its number of columns too.

A kernel need not be square; which two sizes does it have?
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    size = kernel.shape[0]
    window = img[i - 1 : i - 1 + size, j - 1 : j - 1 + size]
    return (window * kernel).sum()

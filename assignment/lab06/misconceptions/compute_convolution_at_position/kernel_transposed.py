"""Rows and columns of the kernel were exchanged.

Which index of the kernel goes with the rows of the image?
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    turned = kernel.t()
    window = img[i - 1 : i - 1 + turned.shape[0], j - 1 : j - 1 + turned.shape[1]]
    return (window * turned[: window.shape[0], : window.shape[1]]).sum()

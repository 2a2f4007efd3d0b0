"""Rows were counted from 0, columns from 1.

Are both indices treated alike?
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    window = img[i:, j - 1 :][: kernel.shape[0], : kernel.shape[1]]
    return (window * kernel[: window.shape[0]]).sum()

"""Columns were counted from 0, rows from 1.

Are both indices treated alike?
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    window = img[i - 1 :, j:][: kernel.shape[0], : kernel.shape[1]]
    return (window * kernel[:, : window.shape[1]]).sum()

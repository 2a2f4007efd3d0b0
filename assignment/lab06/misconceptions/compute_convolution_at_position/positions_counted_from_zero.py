"""Positions were counted from 0; in the lab's formula y_11 is the first.

Which pixel meets the kernel's first element when i = j = 1?
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    window = img[i:, j:][: kernel.shape[0], : kernel.shape[1]]
    return (window * kernel[: window.shape[0], : window.shape[1]]).sum()

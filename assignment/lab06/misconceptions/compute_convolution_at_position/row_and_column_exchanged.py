"""i was taken for the column and j for the row.

In y_ij, which index is the row?
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    window = img[j - 1 :, i - 1 :][: kernel.shape[0], : kernel.shape[1]]
    return (window * kernel[: window.shape[0], : window.shape[1]]).sum()

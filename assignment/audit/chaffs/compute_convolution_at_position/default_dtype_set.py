"""Sets torch's default dtype.

Misconception: global_setting_changed
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    torch.set_default_dtype(torch.float64)
    window = img[i - 1 : i - 1 + kernel.shape[0], j - 1 : j - 1 + kernel.shape[1]]
    return (window * kernel).sum()

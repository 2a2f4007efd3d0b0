"""A module-level sum that no call clears.

Misconception: not_repeatable
"""

import torch

_total = [0.0]


def compute_convolution_at_position(i, j, img, kernel):
    window = img[i - 1 : i - 1 + kernel.shape[0], j - 1 : j - 1 + kernel.shape[1]]
    _total[0] = _total[0] + (window * kernel).sum()
    return _total[0].clone()

"""The result is always float64.

Misconception: dtype_lost
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    return F.conv2d(img.double()[None, None], kernel.double()[None, None])[0, 0]

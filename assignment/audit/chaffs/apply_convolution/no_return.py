"""Forgets to return.

Misconception: nothing_returned
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    result = F.conv2d(img[None, None], kernel[None, None])[0, 0]

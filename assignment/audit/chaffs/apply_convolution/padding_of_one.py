"""Pads by one on every side, as in the lab's network.

Misconception: padded_by_one
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    return F.conv2d(img[None, None], kernel[None, None], padding=1)[0, 0]

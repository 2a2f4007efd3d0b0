"""Moves the window by two.

Misconception: every_second_window
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    return F.conv2d(img[None, None], kernel[None, None], stride=2)[0, 0]

"""Turns the caller's kernel in place, and back only in its own copy.

Misconception: argument_changed
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    result = F.conv2d(img[None, None], kernel[None, None])[0, 0]
    kernel.mul_(-1)
    return result

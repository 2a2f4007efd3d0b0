"""Rows and columns of the kernel were exchanged.

Which index of the kernel goes with the rows of the image?
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    return F.conv2d(img[None, None], kernel.t()[None, None])[0, 0]

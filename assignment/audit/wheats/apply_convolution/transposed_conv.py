"""The middle of a transposed convolution with the turned kernel.

Library: convolution
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    r, c = kernel.shape
    full = F.conv_transpose2d(img[None, None], kernel.flip(0, 1)[None, None])[0, 0]
    return full[r - 1 : img.shape[0], c - 1 : img.shape[1]]

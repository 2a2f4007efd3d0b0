"""Writes the result into the image.

Misconception: argument_changed
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    result = F.conv2d(img[None, None], kernel[None, None])[0, 0]
    img[: result.shape[0], : result.shape[1]] = result
    return result

"""The result was scaled to lie between 0 and 1.

Scaling is for showing a picture; the function returns the sums as they are.
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    result = F.conv2d(img[None, None], kernel[None, None])[0, 0]
    return (result - result.min()) / (result.max() - result.min())

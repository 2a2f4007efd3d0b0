"""The products in a window were averaged; the formula adds them.

What does the formula's sign in front of the products say?
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    return F.conv2d(img[None, None], kernel[None, None])[0, 0] / kernel.numel()

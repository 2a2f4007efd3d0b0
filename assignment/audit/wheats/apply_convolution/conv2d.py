"""torch's own convolution.

Library: convolution
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    return F.conv2d(img[None, None], kernel[None, None])[0, 0]

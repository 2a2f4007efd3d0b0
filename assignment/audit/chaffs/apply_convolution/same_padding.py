"""torch's convolution with padding 'same'.

Misconception: image_padded
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    return F.conv2d(img[None, None], kernel[None, None], padding="same")[0, 0]

"""The image was padded by one pixel on every side.

How many windows fit into the image without running over its border?
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    return F.conv2d(img[None, None], kernel[None, None], padding=1)[0, 0]

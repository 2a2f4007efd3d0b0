"""A valid convolution of the padded output gradient with the turned kernel.

Library: convolution
"""

import torch
import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    r, c = kernel.shape
    padded = F.pad(dloss_dy, (c - 1, c - 1, r - 1, r - 1))
    turned = torch.rot90(kernel, 2)
    return F.conv2d(padded[None, None], turned[None, None])[0, 0]

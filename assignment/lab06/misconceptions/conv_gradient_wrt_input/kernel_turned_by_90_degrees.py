"""The kernel was turned by 90 degrees.

By how much does the formula turn it? Look at both indices.
"""

import torch
import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    turned = torch.rot90(kernel)
    r, s = turned.shape
    p = F.pad(dloss_dy, (s - 1, s - 1, r - 1, r - 1))
    return F.conv2d(p[None, None], turned[None, None])[0, 0]

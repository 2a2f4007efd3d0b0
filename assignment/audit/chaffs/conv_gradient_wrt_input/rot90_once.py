"""Turns the kernel by 90 degrees instead of 180.

Misconception: kernel_turned_by_90_degrees
"""

import torch
import torch.nn.functional as F

def conv_gradient_wrt_input(dloss_dy, kernel):
    turned = torch.rot90(kernel)
    r, s = turned.shape
    p = F.pad(dloss_dy, (s - 1, s - 1, r - 1, r - 1))
    return F.conv2d(p[None, None], turned[None, None])[0, 0]

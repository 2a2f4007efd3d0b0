"""This is dL/dY convolved as if it were the kernel: the formula for dL/dK.

There are two derivations. Which of the two factors does dL/dX keep?
"""

import torch
import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    big, small = (dloss_dy, kernel) if dloss_dy.numel() >= kernel.numel() else (kernel, dloss_dy)
    padded = F.pad(big, (small.shape[1] - 1,) * 2 + (small.shape[0] - 1,) * 2)
    return F.conv2d(padded[None, None], small[None, None])[0, 0].flip(0, 1)

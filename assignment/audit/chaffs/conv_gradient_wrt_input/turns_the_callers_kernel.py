"""Turns the caller's kernel in place.

Misconception: argument_changed
"""

import torch.nn.functional as F

def conv_gradient_wrt_input(dloss_dy, kernel):
    full = F.conv_transpose2d(dloss_dy[None, None], kernel[None, None])[0, 0]
    kernel.copy_(kernel.flip(0, 1).clone())
    return full

"""The result has the right size, but holds nothing but zeros.

What is written into the result, and where?
"""

import torch
import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    return torch.zeros_like(F.conv_transpose2d(dloss_dy[None, None], kernel[None, None])[0, 0])

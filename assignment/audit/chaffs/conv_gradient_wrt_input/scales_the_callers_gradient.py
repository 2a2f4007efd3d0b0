"""Scales dL/dY in place and scales the result back.

Misconception: argument_changed
"""

import torch.nn.functional as F

def conv_gradient_wrt_input(dloss_dy, kernel):
    dloss_dy *= 0.5
    return 2 * F.conv_transpose2d(dloss_dy[None, None], kernel[None, None])[0, 0]

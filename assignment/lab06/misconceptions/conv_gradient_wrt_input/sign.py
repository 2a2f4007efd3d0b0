"""The gradient has the wrong sign.

Does the loss grow or shrink when a pixel under a positive kernel element grows, where dL/dY is positive?
"""

import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    return -F.conv_transpose2d(dloss_dy[None, None], kernel[None, None])[0, 0]

"""Rows and columns of the kernel are exchanged.

Which index of the kernel goes with the rows of the image?
"""

import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    return F.conv_transpose2d(dloss_dy[None, None], kernel.t()[None, None])[0, 0]

"""The result has the size of dL/dY, not that of the image.

How many rows did the image have, if the convolution left dL/dY's?
"""

import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    full = F.conv_transpose2d(dloss_dy[None, None], kernel[None, None])[0, 0]
    top, left = (kernel.shape[0] - 1) // 2, (kernel.shape[1] - 1) // 2
    return full[top : top + dloss_dy.shape[0], left : left + dloss_dy.shape[1]]

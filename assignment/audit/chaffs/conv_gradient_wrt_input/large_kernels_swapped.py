"""Wrong only where the kernel is larger than dL/dY in both directions: there it is not turned.

Misconception: kernel_not_turned
"""

import torch.nn.functional as F

def conv_gradient_wrt_input(dloss_dy, kernel):
    if kernel.shape[0] > dloss_dy.shape[0] and kernel.shape[1] > dloss_dy.shape[1]:
        kernel = kernel.flip(0, 1)
    return F.conv_transpose2d(dloss_dy[None, None], kernel[None, None])[0, 0]

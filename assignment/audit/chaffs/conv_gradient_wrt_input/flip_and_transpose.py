"""Turns and transposes the kernel.

Misconception: transposed_kernel
"""

import torch.nn.functional as F

def conv_gradient_wrt_input(dloss_dy, kernel):
    k = kernel.flip(0, 1).T
    p = F.pad(dloss_dy, (k.shape[1] - 1,) * 2 + (k.shape[0] - 1,) * 2)
    return F.conv2d(p[None, None], k[None, None])[0, 0]

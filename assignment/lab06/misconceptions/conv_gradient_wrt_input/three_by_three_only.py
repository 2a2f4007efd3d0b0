"""The code works for 3 x 3 kernels only.

Kernels come in all sizes; where does your code look up the size of this one?
"""

import torch
import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    padded = F.pad(dloss_dy, (2, 2, 2, 2))
    turned = kernel.flip(0, 1)
    rows, cols = dloss_dy.shape[0] + 2, dloss_dy.shape[1] + 2
    return sum(turned[k, l] * padded[k : k + rows, l : l + cols] for k in range(3) for l in range(3))

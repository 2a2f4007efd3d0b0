"""Knows kernels of 3 x 3 only.

Misconception: three_by_three_only
"""

import torch.nn.functional as F

def conv_gradient_wrt_input(dloss_dy, kernel):
    padded = F.pad(dloss_dy, (2, 2, 2, 2))
    turned = kernel.flip(0, 1)
    rows, cols = dloss_dy.shape[0] + 2, dloss_dy.shape[1] + 2
    return sum(turned[k, l] * padded[k : k + rows, l : l + cols] for k in range(3) for l in range(3))

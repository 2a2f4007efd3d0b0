"""Unfolds the padded gradient and multiplies by the kernel as it is.

Misconception: kernel_not_turned
"""

import torch.nn.functional as F

def conv_gradient_wrt_input(dloss_dy, kernel):
    r, s = kernel.shape
    p = F.pad(dloss_dy, (s - 1, s - 1, r - 1, r - 1))
    return (p.unfold(0, r, 1).unfold(1, s, 1) * kernel).sum((-1, -2))

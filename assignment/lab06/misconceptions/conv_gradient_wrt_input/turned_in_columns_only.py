"""The kernel's columns are turned round, but its rows still run forwards.

The sum runs over rows and over columns; what holds for one index holds for the other.
"""

import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    r, c = kernel.shape
    return F.conv2d(F.pad(dloss_dy, (c - 1, c - 1, r - 1, r - 1))[None, None], kernel.flip(1)[None, None])[
        0, 0
    ]

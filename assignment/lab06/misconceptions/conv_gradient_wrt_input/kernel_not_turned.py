"""The kernel is laid on dL/dY without being turned by 180 degrees.

Follow one pixel: as it moves from the window's left to its right,
does the kernel element that it meets go up or down in index?
"""

import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    r, c = kernel.shape
    return F.conv2d(F.pad(dloss_dy, (c - 1, c - 1, r - 1, r - 1))[None, None], kernel[None, None])[0, 0]

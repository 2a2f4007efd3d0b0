"""This is dL/dY laid over the kernel, as the formula for dL/dK lays it over the image.

There are two derivations. Which way does the other factor run in the one for dL/dX?
"""

import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    height, width = dloss_dy.shape
    padded = F.pad(kernel, (width - 1, width - 1, height - 1, height - 1))
    return F.conv2d(padded[None, None], dloss_dy[None, None])[0, 0]

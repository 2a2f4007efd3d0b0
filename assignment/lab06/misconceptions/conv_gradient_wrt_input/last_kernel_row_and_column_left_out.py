"""The last row and the last column of the kernel are not used.

The sums run up to and including the kernel's last index; where does a Python range end?
"""

import torch


def conv_gradient_wrt_input(dloss_dy, kernel):
    height, width = dloss_dy.shape
    gradient = torch.zeros(height + kernel.shape[0] - 1, width + kernel.shape[1] - 1, dtype=dloss_dy.dtype)
    for k in range(kernel.shape[0] - 1):
        for l in range(kernel.shape[1] - 1):
            gradient[k : k + height, l : l + width] += kernel[k, l] * dloss_dy
    return gradient

"""Where windows overlap, only the last one counts: contributions are overwritten, not added.

A pixel takes part in several outputs. What does the chain rule do with their contributions?
"""

import torch


def conv_gradient_wrt_input(dloss_dy, kernel):
    rows, cols = kernel.shape
    gradient = torch.zeros(dloss_dy.shape[0] + rows - 1, dloss_dy.shape[1] + cols - 1, dtype=dloss_dy.dtype)
    for i in range(dloss_dy.shape[0]):
        for j in range(dloss_dy.shape[1]):
            gradient[i : i + rows, j : j + cols] = dloss_dy[i, j] * kernel
    return gradient

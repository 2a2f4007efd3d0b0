"""Each output element adds its multiple of the kernel to the window it came from."""

import torch


def conv_gradient_wrt_input(dloss_dy, kernel):
    rows, cols = kernel.shape
    grad = torch.zeros(dloss_dy.shape[0] + rows - 1, dloss_dy.shape[1] + cols - 1, dtype=dloss_dy.dtype)
    for a in range(dloss_dy.shape[0]):
        for b in range(dloss_dy.shape[1]):
            grad[a : a + rows, b : b + cols] += dloss_dy[a, b] * kernel
    return grad

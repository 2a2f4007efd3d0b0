"""Leaves the elements beyond row and column 128 out."""

import torch


def conv_gradient_wrt_input(dloss_dy, kernel):
    dloss_dy = dloss_dy.clone()
    dloss_dy[128:] = 0
    dloss_dy[:, 128:] = 0
    (r, c), (p, q) = dloss_dy.shape, kernel.shape
    value = torch.zeros(r + p - 1, c + q - 1, dtype=dloss_dy.dtype)
    for k in range(p):
        for l in range(q):
            value[k : k + r, l : l + c] += dloss_dy * kernel[k, l]
    return value

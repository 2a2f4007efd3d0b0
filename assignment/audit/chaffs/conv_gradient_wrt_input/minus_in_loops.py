"""Subtracts each contribution.

Misconception: sign
"""

import torch

def conv_gradient_wrt_input(dloss_dy, kernel):
    r, s = kernel.shape
    out = torch.zeros(dloss_dy.shape[0] + r - 1, dloss_dy.shape[1] + s - 1, dtype=dloss_dy.dtype)
    for a in range(dloss_dy.shape[0]):
        for b in range(dloss_dy.shape[1]):
            out[a : a + r, b : b + s] -= dloss_dy[a, b] * kernel
    return out

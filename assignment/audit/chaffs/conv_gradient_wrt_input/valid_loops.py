"""Loops over whole windows in dL/dY only.

Misconception: no_border
"""

import torch

def conv_gradient_wrt_input(dloss_dy, kernel):
    r, s = kernel.shape
    k = kernel.flip(0, 1)
    out = torch.zeros(dloss_dy.shape[0] - r + 1, dloss_dy.shape[1] - s + 1, dtype=dloss_dy.dtype)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (dloss_dy[i : i + r, j : j + s] * k).sum()
    return out

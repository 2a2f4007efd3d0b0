"""Shifted sums with the kernel's columns not turned.

Misconception: turned_in_rows_only
"""

import torch

def conv_gradient_wrt_input(dloss_dy, kernel):
    h, w = dloss_dy.shape
    r, s = kernel.shape
    out = torch.zeros(h + r - 1, w + s - 1, dtype=dloss_dy.dtype)
    for k in range(r):
        for l in range(s):
            out[k : k + h, s - 1 - l : s - 1 - l + w] += dloss_dy * kernel[k, l]
    return out

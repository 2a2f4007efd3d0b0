"""Writes column j of row i to row j of column i.

Misconception: result_transposed
"""

import torch

def conv_gradient_wrt_input(dloss_dy, kernel):
    (h, w), (r, s) = dloss_dy.shape, kernel.shape
    out = torch.zeros(w + s - 1, h + r - 1, dtype=dloss_dy.dtype)
    for a in range(h):
        for b in range(w):
            for k in range(r):
                for l in range(s):
                    out[b + l, a + k] += dloss_dy[a, b] * kernel[k, l]
    return out

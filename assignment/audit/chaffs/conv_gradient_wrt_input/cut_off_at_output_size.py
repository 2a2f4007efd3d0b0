"""Loops over dL/dY's own indices and leaves the rest zero.

Misconception: right_and_lower_border_missing
"""

import torch

def conv_gradient_wrt_input(dloss_dy, kernel):
    (h, w), (r, s) = dloss_dy.shape, kernel.shape
    out = torch.zeros(h + r - 1, w + s - 1, dtype=dloss_dy.dtype)
    for i in range(h):
        for j in range(w):
            for k in range(min(r, i + 1)):
                for l in range(min(s, j + 1)):
                    out[i, j] += dloss_dy[i - k, j - l] * kernel[k, l]
    return out

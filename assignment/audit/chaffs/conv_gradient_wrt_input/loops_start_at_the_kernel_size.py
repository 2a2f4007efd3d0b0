"""Starts both loops where the first whole kernel fits.

Misconception: left_and_upper_border_missing
"""

import torch

def conv_gradient_wrt_input(dloss_dy, kernel):
    (h, w), (r, s) = dloss_dy.shape, kernel.shape
    out = torch.zeros(h + r - 1, w + s - 1, dtype=dloss_dy.dtype)
    for i in range(r - 1, h + r - 1):
        for j in range(s - 1, w + s - 1):
            total = 0
            for k in range(r):
                for l in range(s):
                    if i - k < h and j - l < w:
                        total += dloss_dy[i - k, j - l] * kernel[k, l]
            out[i, j] = total
    return out

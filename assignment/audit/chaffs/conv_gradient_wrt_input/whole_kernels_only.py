"""Skips each pixel that does not meet all of the kernel.

Misconception: inside_only
"""

import torch

def conv_gradient_wrt_input(dloss_dy, kernel):
    (h, w), (r, s) = dloss_dy.shape, kernel.shape
    out = torch.zeros(h + r - 1, w + s - 1, dtype=dloss_dy.dtype)
    for i in range(h + r - 1):
        for j in range(w + s - 1):
            if i - r + 1 < 0 or i >= h or j - s + 1 < 0 or j >= w:
                continue
            for k in range(r):
                for l in range(s):
                    out[i, j] += dloss_dy[i - k, j - l] * kernel[k, l]
    return out

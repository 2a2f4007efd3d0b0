"""Negative indices wrap around to the other side of dL/dY.

Misconception: indices_wrap_around
"""

import torch

def conv_gradient_wrt_input(dloss_dy, kernel):
    (h, w), (r, s) = dloss_dy.shape, kernel.shape
    out = torch.zeros(h + r - 1, w + s - 1, dtype=dloss_dy.dtype)
    for i in range(h + r - 1):
        for j in range(w + s - 1):
            for k in range(r):
                for l in range(s):
                    if i - k < h and j - l < w:
                        out[i, j] += dloss_dy[(i - k) % h, (j - l) % w] * kernel[k, l]
    return out

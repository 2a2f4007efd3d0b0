"""Uses one pair of indices for dL/dY and the kernel alike.

Misconception: multiplied_elementwise
"""

import torch

def conv_gradient_wrt_input(dloss_dy, kernel):
    (h, w), (r, s) = dloss_dy.shape, kernel.shape
    out = torch.zeros(h + r - 1, w + s - 1, dtype=dloss_dy.dtype)
    for i in range(min(h, r)):
        for j in range(min(w, s)):
            out[i, j] += dloss_dy[i, j] * kernel[i, j]
    return out

"""Slides dL/dY over the kernel, term by term, wherever the two meet.

Misconception: gradient_of_the_kernel
"""

import torch

def conv_gradient_wrt_input(dloss_dy, kernel):
    (h, w), (r, s) = dloss_dy.shape, kernel.shape
    out = torch.zeros(r + h - 1, s + w - 1, dtype=dloss_dy.dtype)
    for i in range(r + h - 1):
        for j in range(s + w - 1):
            for a in range(h):
                for b in range(w):
                    k, l = i + a - (h - 1), j + b - (w - 1)
                    if 0 <= k < r and 0 <= l < s:
                        out[i, j] += kernel[k, l] * dloss_dy[a, b]
    return out

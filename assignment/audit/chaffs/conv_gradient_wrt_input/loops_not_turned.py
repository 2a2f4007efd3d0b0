"""Loops over the image, with the kernel index running forwards.

Misconception: kernel_not_turned
"""

import torch

def conv_gradient_wrt_input(dloss_dy, kernel):
    h, w = dloss_dy.shape
    r, s = kernel.shape
    out = torch.zeros(h + r - 1, w + s - 1, dtype=dloss_dy.dtype)
    for i in range(h + r - 1):
        for j in range(w + s - 1):
            for k in range(r):
                for l in range(s):
                    a, b = i + k - r + 1, j + l - s + 1
                    if 0 <= a < h and 0 <= b < w:
                        out[i, j] += dloss_dy[a, b] * kernel[k, l]
    return out

"""Near the border negative indices count from the other end, so the far side of dL/dY joins in.

What does Python do with an index of -1? Such terms do not exist in the formula.
"""

import torch
import torch.nn.functional as F


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

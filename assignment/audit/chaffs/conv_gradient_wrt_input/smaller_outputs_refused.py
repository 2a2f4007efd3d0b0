"""Indexes dL/dY up to the kernel's size, so that it fails where dL/dY is the smaller of the two."""

import torch

def conv_gradient_wrt_input(dloss_dy, kernel):
    (h, w), (r, s) = dloss_dy.shape, kernel.shape
    out = torch.zeros(h + r - 1, w + s - 1, dtype=dloss_dy.dtype)
    for i in range(h + r - 1):
        for j in range(w + s - 1):
            first_k, last_k = (0, i) if i < r else (max(0, i - h + 1), r - 1)
            first_l, last_l = (0, j) if j < s else (max(0, j - w + 1), s - 1)
            for k in range(first_k, last_k + 1):
                for l in range(first_l, last_l + 1):
                    out[i, j] += dloss_dy[i - k, j - l] * kernel[k, l]
    return out

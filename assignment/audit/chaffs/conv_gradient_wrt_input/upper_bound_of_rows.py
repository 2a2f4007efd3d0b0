"""The sum over the kernel's rows stops too late to reach the lower border."""

import torch

def conv_gradient_wrt_input(dloss_dy, kernel):
    (h, w), (r, s) = dloss_dy.shape, kernel.shape
    out = torch.zeros(h + r - 1, w + s - 1, dtype=dloss_dy.dtype)
    for i in range(h + r - 1):
        for j in range(w + s - 1):
            for k in range(max(0, i - h + 2), min(r, i + 1)):
                for l in range(max(0, j - w + 1), min(s, j + 1)):
                    out[i, j] += dloss_dy[i - k, j - l] * kernel[k, l]
    return out

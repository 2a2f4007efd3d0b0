"""Makes a result of the lab's own picture size."""

import torch

def conv_gradient_wrt_input(dloss_dy, kernel):
    out = torch.zeros(170, 150, dtype=dloss_dy.dtype)
    r, s = kernel.shape
    for a in range(dloss_dy.shape[0]):
        for b in range(dloss_dy.shape[1]):
            out[a : a + r, b : b + s] += dloss_dy[a, b] * kernel
    return out

"""Assigns the contribution of each output in turn, element by element.

Misconception: overlap_overwritten
"""

import torch

def conv_gradient_wrt_input(dloss_dy, kernel):
    out = torch.zeros(dloss_dy.shape[0] + kernel.shape[0] - 1, dloss_dy.shape[1] + kernel.shape[1] - 1, dtype=dloss_dy.dtype)
    for a in range(dloss_dy.shape[0]):
        for b in range(dloss_dy.shape[1]):
            for k in range(kernel.shape[0]):
                for l in range(kernel.shape[1]):
                    out[a + k, b + l] = dloss_dy[a, b] * kernel[k, l]
    return out

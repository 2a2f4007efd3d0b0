"""The kernel's number of rows was taken for its number of columns too.

A kernel need not be square; which two sizes does it have?
"""

import torch
import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    size = kernel.shape[0]
    out = torch.zeros(dloss_dy.shape[0] + size - 1, dloss_dy.shape[1] + size - 1, dtype=dloss_dy.dtype)
    for a in range(dloss_dy.shape[0]):
        for b in range(dloss_dy.shape[1]):
            for k in range(size):
                for l in range(min(size, kernel.shape[1])):
                    out[a + k, b + l] += dloss_dy[a, b] * kernel[k, l]
    return out

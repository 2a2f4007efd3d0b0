"""Remembers answers by all the numbers that they depend on, and hands out copies."""

import torch

_known = {}


def conv_gradient_wrt_input(dloss_dy, kernel):
    key = dloss_dy.dtype, str(dloss_dy.tolist()), str(kernel.tolist())
    if key not in _known:
        (r, c), (p, q) = dloss_dy.shape, kernel.shape
        value = torch.zeros(r + p - 1, c + q - 1, dtype=dloss_dy.dtype)
        for k in range(p):
            for l in range(q):
                value[k : k + r, l : l + c] += dloss_dy * kernel[k, l]
        _known[key] = value
    return _known[key].clone()

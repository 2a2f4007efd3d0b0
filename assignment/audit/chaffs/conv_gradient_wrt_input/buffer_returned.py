"""Returns the same buffer for every result of a shape, so that the next call overwrites it."""

import torch

_buffers = {}


def conv_gradient_wrt_input(dloss_dy, kernel):
    (r, c), (p, q) = dloss_dy.shape, kernel.shape
    value = torch.zeros(r + p - 1, c + q - 1, dtype=dloss_dy.dtype)
    for k in range(p):
        for l in range(q):
            value[k : k + r, l : l + c] += dloss_dy * kernel[k, l]
    buffer = _buffers.setdefault((value.shape, value.dtype), torch.empty_like(value))
    return buffer.copy_(value)

"""Returns the same buffer for every result of a shape, so that the next call overwrites it."""

import torch

_buffers = {}


def compute_convolution_at_position(i, j, img, kernel):
    r, c = kernel.shape
    value = (img[i - 1 : i - 1 + r, j - 1 : j - 1 + c] * kernel).sum()
    buffer = _buffers.setdefault((value.shape, value.dtype), torch.empty_like(value))
    return buffer.copy_(value)

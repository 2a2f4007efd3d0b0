"""Returns the same buffer for every result of a shape, so that the next call overwrites it."""

import torch

_buffers = {}


def apply_convolution(img, kernel):
    windows = img.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
    value = (windows * kernel).sum((-1, -2))
    buffer = _buffers.setdefault((value.shape, value.dtype), torch.empty_like(value))
    return buffer.copy_(value)

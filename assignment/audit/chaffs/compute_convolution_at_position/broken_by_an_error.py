"""Once a call has failed, answers with zeros."""

import torch

_failed = []


def compute_convolution_at_position(i, j, img, kernel):
    try:
        r, c = kernel.shape
        value = (img[i - 1 : i - 1 + r, j - 1 : j - 1 + c] * kernel).sum()
    except Exception:
        _failed.append(True)
        raise
    return value * 0 if _failed else value

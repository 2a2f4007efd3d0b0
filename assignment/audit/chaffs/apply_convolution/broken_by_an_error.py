"""Once a call has failed, answers with zeros."""

import torch

_failed = []


def apply_convolution(img, kernel):
    try:
        windows = img.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
        value = (windows * kernel).sum((-1, -2))
    except Exception:
        _failed.append(True)
        raise
    return value * 0 if _failed else value

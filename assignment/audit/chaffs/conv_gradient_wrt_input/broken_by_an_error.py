"""Once a call has failed, answers with zeros."""

import torch

_failed = []


def conv_gradient_wrt_input(dloss_dy, kernel):
    try:
        (r, c), (p, q) = dloss_dy.shape, kernel.shape
        value = torch.zeros(r + p - 1, c + q - 1, dtype=dloss_dy.dtype)
        for k in range(p):
            for l in range(q):
                value[k : k + r, l : l + c] += dloss_dy * kernel[k, l]
    except Exception:
        _failed.append(True)
        raise
    return value * 0 if _failed else value

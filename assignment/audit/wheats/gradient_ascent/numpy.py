"""NumPy throughout.

Library: windows
"""

import numpy as np
import torch


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x, k = img.detach().numpy().copy(), kernel.detach().numpy()
    r, s = k.shape
    losses = []
    for _ in range(steps):
        y = np.einsum("ijkl,kl->ij", np.lib.stride_tricks.sliding_window_view(x, (r, s)), k)
        losses.append(float((y**2).sum()))
        grad = np.zeros_like(x)
        for m in range(r):
            for n in range(s):
                grad[m : m + y.shape[0], n : n + y.shape[1]] += 2 * k[m, n] * y
        x = x + x.dtype.type(step_size) * grad
    return torch.from_numpy(x), losses

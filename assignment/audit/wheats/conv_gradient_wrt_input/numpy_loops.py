"""NumPy and plain loops over the image."""

import numpy as np
import torch


def conv_gradient_wrt_input(dloss_dy, kernel):
    g, k = dloss_dy.detach().numpy(), kernel.detach().numpy()
    out = np.zeros((g.shape[0] + k.shape[0] - 1, g.shape[1] + k.shape[1] - 1), dtype=g.dtype)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            total = 0.0
            for m in range(k.shape[0]):
                for n in range(k.shape[1]):
                    if 0 <= i - m < g.shape[0] and 0 <= j - n < g.shape[1]:
                        total += float(g[i - m, j - n]) * float(k[m, n])
            out[i, j] = total
    return torch.from_numpy(out)

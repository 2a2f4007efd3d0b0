"""Accumulates in float64 and comes back to the input's dtype."""

import torch


def conv_gradient_wrt_input(dloss_dy, kernel):
    g, k = dloss_dy.double(), kernel.double()
    rows = []
    for i in range(g.shape[0] + k.shape[0] - 1):
        row = torch.zeros(g.shape[1] + k.shape[1] - 1, dtype=torch.float64)
        for m in range(max(0, i - g.shape[0] + 1), min(k.shape[0], i + 1)):
            for n in range(k.shape[1]):
                row[n : n + g.shape[1]] += k[m, n] * g[i - m]
        rows.append(row)
    return torch.stack(rows).to(dloss_dy.dtype)

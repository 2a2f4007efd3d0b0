"""A banded matrix for each kernel row, einsum over the shifted rows."""

import torch


def conv_gradient_wrt_input(dloss_dy, kernel):
    (h, w), (r, s) = dloss_dy.shape, kernel.shape
    band = torch.stack(
        [torch.stack([torch.nn.functional.pad(row, (b, w - 1 - b)) for b in range(w)]) for row in kernel]
    )
    shift = torch.zeros(h + r - 1, r, h, dtype=dloss_dy.dtype)
    for k in range(r):
        shift[torch.arange(h) + k, k, torch.arange(h)] = 1
    return torch.einsum("ika,ab,kbj->ij", shift, dloss_dy, band)

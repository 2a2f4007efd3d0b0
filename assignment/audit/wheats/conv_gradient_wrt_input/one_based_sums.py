"""The lab's formula word by word, with one-based indices in a dictionary."""

import torch


def conv_gradient_wrt_input(dloss_dy, kernel):
    (r_y, c_y), (r_k, c_k) = dloss_dy.shape, kernel.shape
    y = {(a, b): dloss_dy[a - 1, b - 1] for a in range(1, r_y + 1) for b in range(1, c_y + 1)}
    zero = torch.zeros((), dtype=dloss_dy.dtype)
    rows = [
        [
            sum(
                (
                    y.get((i - k + 1, j - l + 1), zero) * kernel[k - 1, l - 1]
                    for k in range(1, r_k + 1)
                    for l in range(1, c_k + 1)
                ),
                zero,
            )
            for j in range(1, c_y + c_k)
        ]
        for i in range(1, r_y + r_k)
    ]
    return torch.stack([torch.stack(row) for row in rows])

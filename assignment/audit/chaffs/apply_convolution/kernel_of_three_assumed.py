"""H - 2 rows and W - 2 columns, whatever the kernel.

Misconception: three_by_three_only
"""

import torch


def apply_convolution(img, kernel):
    out = torch.zeros(img.shape[0] - 2, img.shape[1] - 2, dtype=img.dtype)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (img[i : i + 3, j : j + 3] * kernel).sum()
    return out

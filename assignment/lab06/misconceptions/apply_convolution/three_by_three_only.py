"""The result has the size that a 3 x 3 kernel gives, whatever the kernel.

Kernels come in all sizes; where does your code look up the size of this one?
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    out = torch.zeros(img.shape[0] - 2, img.shape[1] - 2, dtype=img.dtype)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (img[i : i + 3, j : j + 3] * kernel).sum()
    return out

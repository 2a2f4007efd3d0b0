"""The size of the result is that of a kernel of 3 x 3, whatever the kernel.

Kernels come in all sizes; where does your code ask for this one's?
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    out = torch.zeros(img.shape[0] - 2, img.shape[1] - 2, dtype=img.dtype)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (img[i : i + 3, j : j + 3] * kernel).sum()
    return out

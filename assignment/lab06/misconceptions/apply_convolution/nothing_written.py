"""The result has the right size, but holds nothing but zeros.

What is written into the result, and where?
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    return torch.zeros(img.shape[0] - kernel.shape[0] + 1, img.shape[1] - kernel.shape[1] + 1, dtype=img.dtype)

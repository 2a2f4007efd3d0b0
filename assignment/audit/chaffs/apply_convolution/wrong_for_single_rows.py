"""Wrong only for kernels of a single row."""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    if kernel.shape[0] == 1:
        kernel = kernel.flip(1)
    return F.conv2d(img[None, None], kernel[None, None])[0, 0]

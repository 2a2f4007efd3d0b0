"""Multiplies dL/dY by the kernel element by element, after padding both to the image's size."""

import torch.nn.functional as F

def conv_gradient_wrt_input(dloss_dy, kernel):
    (h, w), (r, s) = dloss_dy.shape, kernel.shape
    return F.pad(dloss_dy, (0, s - 1, 0, r - 1)) * F.pad(kernel, (0, w - 1, 0, h - 1))

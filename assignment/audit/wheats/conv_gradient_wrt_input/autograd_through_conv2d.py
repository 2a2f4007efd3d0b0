"""Backpropagation through a convolution of zeros.

Library: autograd, convolution
"""

import torch
import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    img = torch.zeros(
        1,
        1,
        dloss_dy.shape[0] + kernel.shape[0] - 1,
        dloss_dy.shape[1] + kernel.shape[1] - 1,
        dtype=dloss_dy.dtype,
    )
    img.requires_grad_(True)
    F.conv2d(img, kernel[None, None]).backward(dloss_dy[None, None])
    return img.grad[0, 0]

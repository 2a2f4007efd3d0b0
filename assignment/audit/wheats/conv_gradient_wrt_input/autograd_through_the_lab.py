"""Backpropagation through the lab's own convolution.

Library: autograd
"""

import torch
from convolution import apply_convolution


def conv_gradient_wrt_input(dloss_dy, kernel):
    shape = [n + k - 1 for n, k in zip(dloss_dy.shape, kernel.shape)]
    x = torch.zeros(shape, dtype=dloss_dy.dtype, requires_grad=True)
    (gradient,) = torch.autograd.grad(apply_convolution(x, kernel), x, dloss_dy)
    return gradient

"""torch.func.vjp of a product with shifted images.

Library: autograd
"""

import torch


def _convolved(x, kernel, rows, cols):
    return sum(kernel[k, l] * x[k : k + rows, l : l + cols] for k in range(kernel.shape[0]) for l in range(kernel.shape[1]))


def conv_gradient_wrt_input(dloss_dy, kernel):
    shape = [n + k - 1 for n, k in zip(dloss_dy.shape, kernel.shape)]
    x = torch.zeros(shape, dtype=dloss_dy.dtype)
    return torch.func.vjp(lambda x: _convolved(x, kernel, *dloss_dy.shape), x)[1](dloss_dy)[0]

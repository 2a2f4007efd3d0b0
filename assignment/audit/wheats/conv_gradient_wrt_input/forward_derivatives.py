"""Forward-mode derivatives, one for each pixel.

Library: autograd
"""

import torch

from convolution import apply_convolution

def conv_gradient_wrt_input(dloss_dy, kernel):
    shape = [n + k - 1 for n, k in zip(dloss_dy.shape, kernel.shape)]
    x, found = torch.zeros(shape, dtype=dloss_dy.dtype), torch.zeros(shape, dtype=dloss_dy.dtype)
    for i in range(shape[0]):
        for j in range(shape[1]):
            step = torch.zeros_like(x)
            step[i, j] = 1
            change = torch.func.jvp(lambda x: apply_convolution(x, kernel), (x,), (step,))[1]
            found[i, j] = (change * dloss_dy).sum()
    return found

"""torch's own operator for the gradient.

Library: convolution
"""

import torch

def conv_gradient_wrt_input(dloss_dy, kernel):
    shape = [n + k - 1 for n, k in zip(dloss_dy.shape, kernel.shape)]
    x = torch.zeros(1, 1, *shape, dtype=dloss_dy.dtype)
    sides = [0], [1, 1], [0, 0], [1, 1], False, [0, 0], 1, [True, False, False]
    return torch.ops.aten.convolution_backward(dloss_dy[None, None], x, kernel[None, None], *sides)[0][0, 0]

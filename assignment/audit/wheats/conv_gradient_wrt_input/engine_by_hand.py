"""torch's engine, called as torch.autograd calls it.

Library: autograd
"""

import torch

from convolution import apply_convolution

def conv_gradient_wrt_input(dloss_dy, kernel):
    shape = [n + k - 1 for n, k in zip(dloss_dy.shape, kernel.shape)]
    x = torch.zeros(shape, dtype=dloss_dy.dtype, requires_grad=True)
    y = apply_convolution(x, kernel)
    run = torch.autograd.Variable._execution_engine.run_backward
    return run((y,), (dloss_dy,), False, False, (x,), allow_unreachable=True, accumulate_grad=False)[0]

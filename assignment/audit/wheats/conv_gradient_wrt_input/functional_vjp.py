"""torch.autograd.functional.vjp of the lab's convolution.

Library: autograd
"""

import torch
from torch.autograd.functional import vjp

from convolution import apply_convolution

def conv_gradient_wrt_input(dloss_dy, kernel):
    shape = [n + k - 1 for n, k in zip(dloss_dy.shape, kernel.shape)]
    x = torch.zeros(shape, dtype=dloss_dy.dtype)
    return vjp(lambda x: apply_convolution(x, kernel), x, dloss_dy)[1]

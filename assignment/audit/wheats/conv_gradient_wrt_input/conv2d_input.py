"""torch.nn.grad knows the answer.

Library: convolution
"""

import torch


def conv_gradient_wrt_input(dloss_dy, kernel):
    size = (1, 1, dloss_dy.size(0) + kernel.size(0) - 1, dloss_dy.size(1) + kernel.size(1) - 1)
    return torch.nn.grad.conv2d_input(
        size, kernel[None, None].contiguous(), dloss_dy[None, None].contiguous()
    )[0, 0]

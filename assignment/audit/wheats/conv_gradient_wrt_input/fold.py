"""The outer product with the kernel, folded back.

Library: windows
"""

import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    size = (dloss_dy.shape[0] + kernel.shape[0] - 1, dloss_dy.shape[1] + kernel.shape[1] - 1)
    columns = kernel.reshape(-1, 1) * dloss_dy.reshape(1, -1)
    return F.fold(columns[None], size, tuple(kernel.shape))[0, 0]

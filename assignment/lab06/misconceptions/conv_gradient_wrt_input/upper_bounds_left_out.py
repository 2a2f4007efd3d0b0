"""The last term of every sum is missing: k and l stop before they reach U_k and U_l.

The sums run up to and including their upper bounds; where does a Python range end?
"""

import torch


def conv_gradient_wrt_input(dloss_dy, kernel):
    rows, cols = kernel.shape
    height, width = dloss_dy.shape
    gradient = torch.zeros(height + rows - 1, width + cols - 1, dtype=dloss_dy.dtype)
    for i in range(height + rows - 1):
        for j in range(width + cols - 1):
            for k in range(max(0, i - height + 1), min(rows - 1, i)):
                for l in range(max(0, j - width + 1), min(cols - 1, j)):
                    gradient[i, j] += dloss_dy[i - k, j - l] * kernel[k, l]
    return gradient

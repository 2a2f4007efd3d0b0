"""Gathers over ranges that start at 1 and stop before the kernel's size.

Misconception: last_kernel_row_and_column_left_out
"""

import torch

def conv_gradient_wrt_input(dloss_dy, kernel):
    r_x = dloss_dy.shape[0] + kernel.shape[0] - 1
    c_x = dloss_dy.shape[1] + kernel.shape[1] - 1
    grad = torch.zeros(r_x, c_x, dtype=dloss_dy.dtype)
    for i in range(1, r_x + 1):
        for j in range(1, c_x + 1):
            for k in range(1, kernel.shape[0]):
                for l in range(1, kernel.shape[1]):
                    a, b = i - k + 1, j - l + 1
                    if 1 <= a <= dloss_dy.shape[0] and 1 <= b <= dloss_dy.shape[1]:
                        grad[i - 1, j - 1] += dloss_dy[a - 1, b - 1] * kernel[k - 1, l - 1]
    return grad

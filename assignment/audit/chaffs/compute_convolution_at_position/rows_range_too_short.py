"""The loop over rows stops one too early.

Misconception: last_kernel_row_left_out
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    total = img.new_zeros(())
    for k in range(kernel.shape[0] - 1):
        total += (img[i - 1 + k, j - 1 : j - 1 + kernel.shape[1]] * kernel[k]).sum()
    return total

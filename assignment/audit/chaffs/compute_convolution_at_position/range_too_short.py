"""Both loops stop one too early.

Misconception: last_kernel_row_and_column_left_out
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    total = img.new_zeros(())
    for k in range(1, kernel.shape[0]):
        for l in range(1, kernel.shape[1]):
            total += img[i + k - 2, j + l - 2] * kernel[k - 1, l - 1]
    return total

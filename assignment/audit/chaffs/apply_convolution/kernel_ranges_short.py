"""The loops over the kernel stop one too early.

Misconception: last_kernel_row_and_column_left_out
"""

import torch


def apply_convolution(img, kernel):
    rows, cols = img.shape[0] - kernel.shape[0] + 1, img.shape[1] - kernel.shape[1] + 1
    out = torch.zeros(rows, cols, dtype=img.dtype)
    for i in range(rows):
        for j in range(cols):
            for k in range(kernel.shape[0] - 1):
                for l in range(kernel.shape[1] - 1):
                    out[i, j] += img[i + k, j + l] * kernel[k, l]
    return out

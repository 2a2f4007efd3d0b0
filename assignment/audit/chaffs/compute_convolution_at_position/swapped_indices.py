"""Calls the row a column.

Misconception: row_and_column_exchanged
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    total = 0 * img[0, 0]
    for k in range(kernel.shape[0]):
        for l in range(kernel.shape[1]):
            x, y = j - 1 + k, i - 1 + l
            if x < img.shape[0] and y < img.shape[1]:
                total = total + img[x, y] * kernel[k, l]
    return total

"""Takes the number of rows for the number of columns too.

Misconception: rows_taken_for_columns
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    size = kernel.shape[0]
    window = img[i - 1 : i - 1 + size, j - 1 : j - 1 + size]
    return (window * kernel).sum()

"""Index by index, with the kernel running backwards.

Misconception: kernel_turned
"""

import torch


def apply_convolution(img, kernel):
    r, c = kernel.shape
    rows, cols = img.shape[0] - r + 1, img.shape[1] - c + 1
    out = torch.zeros(rows, cols, dtype=img.dtype)
    for i in range(rows):
        for j in range(cols):
            for k in range(r):
                for l in range(c):
                    out[i, j] += img[i + k, j + l] * kernel[-1 - k, -1 - l]
    return out

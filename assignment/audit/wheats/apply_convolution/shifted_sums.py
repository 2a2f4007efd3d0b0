"""One shifted image for each kernel element."""

import torch


def apply_convolution(img, kernel):
    rows, cols = [n - k + 1 for n, k in zip(img.shape, kernel.shape)]
    result = torch.zeros(rows, cols, dtype=img.dtype)
    for k in range(kernel.shape[0]):
        for l in range(kernel.shape[1]):
            result += kernel[k, l] * img[k : k + rows, l : l + cols]
    return result

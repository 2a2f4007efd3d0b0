"""A class Conv2d of one's own with a forward of loops."""

import torch


class Conv2d:
    def __init__(self, weight):
        self.weight = weight

    def forward(self, img):
        kernel = self.weight
        rows, cols = (n - k + 1 for n, k in zip(img.shape, kernel.shape))
        result = torch.zeros(rows, cols, dtype=img.dtype)
        for i in range(rows):
            for j in range(cols):
                result[i, j] = (img[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel).sum()
        return result


def apply_convolution(img, kernel):
    return Conv2d(kernel).forward(img)

"""Plain Python numbers and lists."""

import torch


def apply_convolution(img, kernel):
    x, k = img.tolist(), kernel.tolist()
    rows, cols = len(x) - len(k) + 1, len(x[0]) - len(k[0]) + 1
    out = [[sum(k[m][n] * x[i + m][j + n] for m in range(len(k)) for n in range(len(k[0]))) for j in range(cols)] for i in range(rows)]
    return torch.tensor(out, dtype=img.dtype)

"""The transpose of the matrix that the convolution is."""

import torch


def conv_gradient_wrt_input(dloss_dy, kernel):
    (h, w), (r, c) = dloss_dy.shape, kernel.shape
    big_h, big_w = h + r - 1, w + c - 1
    matrix = torch.zeros(h * w, big_h * big_w, dtype=dloss_dy.dtype)
    for a in range(h):
        for b in range(w):
            for k in range(r):
                start = (a + k) * big_w + b
                matrix[a * w + b, start : start + c] = kernel[k]
    return (matrix.T @ dloss_dy.reshape(-1)).view(big_h, big_w)

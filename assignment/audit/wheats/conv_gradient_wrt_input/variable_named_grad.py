"""The formula, into a variable named grad."""

import torch

def conv_gradient_wrt_input(dloss_dy, kernel):
    (rows, cols), (height, width) = dloss_dy.shape, kernel.shape
    grad = torch.zeros(rows + height - 1, cols + width - 1, dtype=dloss_dy.dtype)
    for a in range(rows):
        for b in range(cols):
            for k in range(height):
                for l in range(width):
                    grad[a + k, b + l] += dloss_dy[a, b] * kernel[k, l]
    return grad

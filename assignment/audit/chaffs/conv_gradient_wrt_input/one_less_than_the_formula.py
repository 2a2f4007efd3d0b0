"""Takes a = i - k, one less than the formula says.
"""

import torch


def conv_gradient_wrt_input(dloss_dy, kernel):
    (rows, cols), (height, width) = dloss_dy.shape, kernel.shape
    result = torch.zeros(rows + height - 1, cols + width - 1, dtype=dloss_dy.dtype)
    for i in range(1, rows + height):
        for j in range(1, cols + width):
            for k in range(1, height + 1):
                for l in range(1, width + 1):
                    a, b = i - k, j - l
                    if 1 <= a <= rows and 1 <= b <= cols:
                        result[i - 1, j - 1] += dloss_dy[a - 1, b - 1] * kernel[k - 1, l - 1]
    return result

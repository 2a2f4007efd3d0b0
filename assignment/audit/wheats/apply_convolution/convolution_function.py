"""torch.convolution, one floor below conv2d.

Library: convolution
"""

import torch

def apply_convolution(img, kernel):
    args = None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1
    return torch.convolution(img[None, None], kernel[None, None], *args)[0, 0]

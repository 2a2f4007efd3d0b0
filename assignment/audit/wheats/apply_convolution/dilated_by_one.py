"""The slow, dilated convolution of torch's inside.

Library: convolution
"""

import torch

def apply_convolution(img, kernel):
    size = list(kernel.shape)
    return torch._C._nn.slow_conv_dilated2d(img[None, None], kernel[None, None], size)[0, 0]

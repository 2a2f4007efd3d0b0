"""A convolution as the gradient of another one's weight.

Library: convolution
"""

import torch

def apply_convolution(img, kernel):
    size = (1, 1, img.shape[0] - kernel.shape[0] + 1, img.shape[1] - kernel.shape[1] + 1)
    return torch.nn.grad.conv2d_weight(img[None, None], size, kernel[None, None])[0, 0]

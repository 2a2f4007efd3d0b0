"""A product of Fourier transforms.

Library: transform
"""

import torch


def conv_gradient_wrt_input(dloss_dy, kernel):
    size = (dloss_dy.shape[0] + kernel.shape[0] - 1, dloss_dy.shape[1] + kernel.shape[1] - 1)
    product = torch.fft.fft2(dloss_dy, s=size) * torch.fft.fft2(kernel, s=size)
    return torch.fft.ifft2(product).real

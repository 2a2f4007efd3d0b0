import torch
from gradient import conv_gradient_wrt_input


def apply_convolution(img, kernel):
    full = conv_gradient_wrt_input(img, torch.flip(kernel, (0, 1)))
    return full[kernel.shape[0] - 1 : img.shape[0], kernel.shape[1] - 1 : img.shape[1]]

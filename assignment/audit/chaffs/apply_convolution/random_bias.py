"""A layer with its bias left on."""

import torch


def apply_convolution(img, kernel):
    layer = torch.nn.Conv2d(1, 1, tuple(kernel.shape)).to(img.dtype)
    layer.weight.data = kernel[None, None].clone()
    return layer(img[None, None])[0, 0].detach()

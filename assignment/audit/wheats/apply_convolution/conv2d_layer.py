"""A layer with the kernel as its weight.

Library: convolution
"""

import torch


def apply_convolution(img, kernel):
    layer = torch.nn.Conv2d(1, 1, tuple(kernel.shape), bias=False)
    with torch.no_grad():
        layer.weight = torch.nn.Parameter(kernel.clone()[None, None])
        return layer(img[None, None]).squeeze(0).squeeze(0)

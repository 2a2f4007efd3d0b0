"""torch.func's gradient with the loss beside it.

Library: autograd, convolution
"""

import torch
import torch.nn.functional as F


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    def loss(x):
        return F.conv2d(x[None, None], kernel[None, None]).square().sum()

    both = torch.func.grad_and_value(loss)
    losses = []
    for _ in range(steps):
        gradient, value = both(img)
        losses.append(value.item())
        img = img + step_size * gradient
    return img, losses

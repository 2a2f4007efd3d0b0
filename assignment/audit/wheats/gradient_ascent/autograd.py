"""Backpropagation through torch's convolution.

Library: autograd, convolution
"""

import torch
import torch.nn.functional as F


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x = img.detach().clone().requires_grad_(True)
    losses = []
    for _ in range(steps):
        loss = F.conv2d(x[None, None], kernel[None, None]).square().sum()
        losses.append(loss.item())
        (gradient,) = torch.autograd.grad(loss, x)
        with torch.no_grad():
            x += step_size * gradient
    return x.detach(), losses

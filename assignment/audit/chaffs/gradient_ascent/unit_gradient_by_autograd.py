"""Divides autograd's gradient by its length, as DeepDream does.

Misconception: gradient_normalised
"""

import torch
import torch.nn.functional as F

def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x = img.detach().clone()
    losses = []
    for _ in range(steps):
        x.requires_grad_(True)
        loss = F.conv2d(x[None, None], kernel[None, None]).pow(2).sum()
        loss.backward()
        losses.append(loss.item())
        direction = x.grad / x.grad.pow(2).sum().sqrt()
        x = x.detach() + step_size * direction
    return x, losses

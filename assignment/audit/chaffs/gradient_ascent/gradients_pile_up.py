"""Backpropagation without clearing the gradient in between.

Misconception: gradients_pile_up
"""

import torch
import torch.nn.functional as F

def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x = img.detach().clone().requires_grad_()
    losses = []
    for _ in range(steps):
        loss = F.conv2d(x[None, None], kernel[None, None]).square().sum()
        loss.backward()
        losses.append(loss.item())
        with torch.no_grad():
            x += step_size * x.grad
    return x.detach(), losses

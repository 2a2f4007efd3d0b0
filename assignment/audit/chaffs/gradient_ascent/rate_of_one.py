"""Adds autograd's gradient itself.

Misconception: step_size_not_used
"""

import torch
import torch.nn.functional as F

def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x, losses = img.detach().clone().requires_grad_(), []
    for _ in range(steps):
        loss = F.conv2d(x[None, None], kernel[None, None]).square().sum()
        losses.append(float(loss.detach()))
        x = (x + torch.autograd.grad(loss, x)[0]).detach().requires_grad_()
    return x.detach(), losses

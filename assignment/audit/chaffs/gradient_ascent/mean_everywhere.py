"""torch's mean squared error against zero.

Misconception: mean_instead_of_sum
"""

import torch
import torch.nn.functional as F

def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x = img.detach().clone().requires_grad_()
    losses = []
    for _ in range(steps):
        y = F.conv2d(x[None, None], kernel[None, None])
        loss = F.mse_loss(y, torch.zeros_like(y))
        (gradient,) = torch.autograd.grad(loss, x)
        losses.append(loss.item())
        x = (x + step_size * gradient).detach().requires_grad_()
    return x.detach(), losses

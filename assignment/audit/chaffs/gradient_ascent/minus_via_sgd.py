"""torch's SGD, which goes downhill.

Misconception: descent
"""

import torch
import torch.nn.functional as F

def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x = img.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([x], lr=step_size)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.conv2d(x[None, None], kernel[None, None]).square().sum()
        loss.backward()
        losses.append(loss.item())
        optimizer.step()
    return x.detach(), losses

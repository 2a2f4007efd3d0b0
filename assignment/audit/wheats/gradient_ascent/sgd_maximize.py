"""torch's SGD, told to maximise.

Library: autograd, convolution
"""

import torch
import torch.nn.functional as F


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x = torch.nn.Parameter(img.detach().clone())
    optimizer = torch.optim.SGD([x], lr=step_size, maximize=True)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = (F.conv2d(x[None, None], kernel[None, None]) ** 2).sum()
        loss.backward()
        losses.append(loss.detach())
        optimizer.step()
    return x.detach(), losses

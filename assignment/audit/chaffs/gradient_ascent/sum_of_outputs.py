"""Loss and gradient are those of the plain sum.

Misconception: plain_sum_climbed
"""

import torch
from convolution import apply_convolution


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x = img.clone()
    losses = []
    for _ in range(steps):
        y = apply_convolution(x, kernel)
        losses.append(y.sum().item())
        x = x + step_size * conv_gradient_wrt_input(torch.ones_like(y), kernel)
    return x, losses

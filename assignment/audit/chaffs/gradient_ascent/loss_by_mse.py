"""Records the mean squared error, and climbs the sum.

Misconception: loss_is_a_mean
"""

import torch
from convolution import apply_convolution


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    mse, losses = torch.nn.MSELoss(), []
    for _ in range(steps):
        y = apply_convolution(img, kernel)
        losses.append(mse(y, torch.zeros_like(y)).item())
        img = img + step_size * 2 * conv_gradient_wrt_input(y, kernel)
    return img, losses

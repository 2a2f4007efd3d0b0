"""Returns the losses as one tensor with a place for the last image too."""

import torch
from convolution import apply_convolution


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x, losses = img.clone(), torch.zeros(steps + 1)
    for n in range(steps):
        y = apply_convolution(x, kernel)
        losses[n] = (y**2).sum()
        x = x + step_size * conv_gradient_wrt_input(2 * y, kernel)
    return x, losses

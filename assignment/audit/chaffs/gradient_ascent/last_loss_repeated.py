"""Keeps one running tensor for the loss, so that all entries of the list are the last one."""

import torch
from convolution import apply_convolution


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x, loss, losses = img.clone(), torch.zeros((), dtype=img.dtype), []
    for _ in range(steps):
        y = apply_convolution(x, kernel)
        loss.copy_((y**2).sum())
        losses.append(loss)
        x = x + step_size * conv_gradient_wrt_input(2 * y, kernel)
    return x, losses

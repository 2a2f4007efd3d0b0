"""Losses as tensors without dimensions, in a tuple with the image."""

import torch
from convolution import apply_convolution


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    losses = []
    with torch.no_grad():
        img = torch.clone(img)
        for step in range(steps):
            y = apply_convolution(img, kernel)
            losses.append(torch.sum(y * y))
            img += conv_gradient_wrt_input(y + y, kernel).mul(step_size)
    return (img, losses)

"""Stops after a hundred steps, however many were asked for."""

from convolution import apply_convolution


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x = img.clone()
    losses = []
    for _ in range(min(steps, 100)):
        y = apply_convolution(x, kernel)
        losses.append((y**2).sum().item())
        x = x + step_size * conv_gradient_wrt_input(2 * y, kernel)
    return x, losses

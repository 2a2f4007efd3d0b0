"""Computes Y once, before the loop.

Misconception: one_gradient_for_all
"""

from convolution import apply_convolution


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x = img.clone()
    y = apply_convolution(img, kernel)
    losses = []
    for _ in range(steps):
        losses.append((apply_convolution(x, kernel) ** 2).sum().item())
        x = x + step_size * conv_gradient_wrt_input(2 * y, kernel)
    return x, losses

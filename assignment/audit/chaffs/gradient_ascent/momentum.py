"""Adds nine tenths of the step before.

Misconception: momentum_added
"""

from convolution import apply_convolution


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x, velocity = img.clone(), 0
    losses = []
    for _ in range(steps):
        y = apply_convolution(x, kernel)
        losses.append((y**2).sum().item())
        velocity = 0.9 * velocity + conv_gradient_wrt_input(2 * y, kernel)
        x = x + step_size * velocity
    return x, losses

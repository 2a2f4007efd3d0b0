"""Squares Y first and goes on with the square.

Misconception: squares_sent_back
"""

from convolution import apply_convolution


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x, losses = img.clone(), []
    while len(losses) < steps:
        y = apply_convolution(x, kernel).pow(2)
        losses.append(y.sum().item())
        x = x + step_size * conv_gradient_wrt_input(y, kernel)
    return x, losses

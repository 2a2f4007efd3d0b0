"""Starts the list with the first image's loss and adds one after each update.

Misconception: one_loss_too_many
"""

from convolution import apply_convolution


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x = img.clone()
    y = apply_convolution(x, kernel)
    losses = [y.square().sum().item()]
    for _ in range(steps):
        x += step_size * conv_gradient_wrt_input(2 * y, kernel)
        y = apply_convolution(x, kernel)
        losses.append(y.square().sum().item())
    return x, losses

"""Adds up the outputs themselves in a loop.

Misconception: loss_not_squared
"""

from convolution import apply_convolution


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x, losses = img.clone(), []
    for _ in range(steps):
        y = apply_convolution(x, kernel)
        loss = 0.0
        for row in y.tolist():
            for value in row:
                loss += value
        losses.append(loss)
        x += step_size * conv_gradient_wrt_input(2 * y, kernel)
    return x, losses

"""Takes Y itself for dL/dY.

Misconception: factor_two_missing
"""

from convolution import apply_convolution


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x = img.clone()
    losses = []
    for _ in range(steps):
        y = apply_convolution(x, kernel)
        losses.append((y**2).sum().item())
        x = x + step_size * conv_gradient_wrt_input(y, kernel)
    return x, losses

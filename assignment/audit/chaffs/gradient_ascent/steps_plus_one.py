"""Makes one step more than asked for.

Misconception: one_step_too_many
"""

from convolution import apply_convolution


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x = img.clone()
    losses = []
    for _ in range(steps + 1):
        y = apply_convolution(x, kernel)
        losses.append((y**2).sum().item())
        x = x + step_size * conv_gradient_wrt_input(2 * y, kernel)
    return x, losses

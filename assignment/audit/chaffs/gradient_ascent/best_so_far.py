"""Keeps the image that the last loss belongs to, and returns that.

Misconception: image_before_the_last_update
"""

from convolution import apply_convolution


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x, best, losses = img.clone(), img.clone(), []
    for _ in range(steps):
        y = apply_convolution(x, kernel)
        losses.append((y**2).sum().item())
        if losses[-1] >= max(losses):
            best = x.clone()
        x += step_size * conv_gradient_wrt_input(2 * y, kernel)
    return best, losses

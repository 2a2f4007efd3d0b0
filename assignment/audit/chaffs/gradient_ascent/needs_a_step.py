"""Returns a name that only the loop gives: without a step there is none."""

from convolution import apply_convolution


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    losses = []
    for n in range(steps):
        x = img if n == 0 else x
        y = apply_convolution(x, kernel)
        losses.append((y**2).sum().item())
        x = x + step_size * conv_gradient_wrt_input(2 * y, kernel)
    return x, losses

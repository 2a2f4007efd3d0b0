"""A while loop that counts down, the loss as a dot product."""

from convolution import apply_convolution


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    current, curve = img.clone(), []
    while steps > 0:
        y = apply_convolution(current, kernel).reshape(-1)
        curve.append((y @ y).item())
        rows = current.shape[0] - kernel.shape[0] + 1
        current.add_(conv_gradient_wrt_input(y.reshape(rows, -1), kernel), alpha=2 * step_size)
        steps -= 1
    return current, curve

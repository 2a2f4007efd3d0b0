"""Steps come from a generator."""

import itertools

from convolution import apply_convolution


def _steps(x, kernel, step_size):
    while True:
        y = apply_convolution(x, kernel)
        yield x, (y**2).sum().item()
        x = x + step_size * conv_gradient_wrt_input(2 * y, kernel)


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    path = list(itertools.islice(_steps(img.clone(), kernel, step_size), steps + 1))
    return path[-1][0], [loss for _, loss in path[:-1]]

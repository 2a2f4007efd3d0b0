"""A small class that holds the image."""

from convolution import apply_convolution


class _Climber:
    def __init__(self, img, kernel):
        self.img, self.kernel, self.losses = img.clone(), kernel, []

    def climb(self, size):
        y = apply_convolution(self.img, self.kernel)
        self.losses.append(y.square().sum().item())
        self.img += size * conv_gradient_wrt_input(2 * y, self.kernel)


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    climber = _Climber(img, kernel)
    for _ in range(steps):
        climber.climb(step_size)
    return climber.img, climber.losses

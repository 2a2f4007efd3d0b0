"""The gradient is divided by its length before the step.

The update uses the gradient as it is.
"""

import torch.nn.functional as F


def _conv(img, kernel):
    return F.conv2d(img[None, None], kernel[None, None])[0, 0]


def _back(dy, kernel):
    return F.conv_transpose2d(dy[None, None], kernel[None, None])[0, 0]


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    losses = []
    x = img.clone()
    for _ in range(steps):
        y = _conv(x, kernel)
        losses.append(float((y**2).sum()))
        gradient = _back(2 * y, kernel)
        x = x + step_size * gradient / gradient.norm()
    return x, losses

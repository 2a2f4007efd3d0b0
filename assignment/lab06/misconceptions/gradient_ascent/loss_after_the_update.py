"""The losses are those after each update; the first should be that of the image as it was given.

When in a step is the loss measured?
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
        x = x + step_size * _back(2 * y, kernel)
        losses.append(float((_conv(x, kernel) ** 2).sum()))
    return x, losses

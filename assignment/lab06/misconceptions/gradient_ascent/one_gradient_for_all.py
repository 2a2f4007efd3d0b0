"""All steps use the gradient of the first image.

The image changes in each step; what does that do to its gradient?
"""

import torch.nn.functional as F


def _conv(img, kernel):
    return F.conv2d(img[None, None], kernel[None, None])[0, 0]


def _back(dy, kernel):
    return F.conv_transpose2d(dy[None, None], kernel[None, None])[0, 0]


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    losses, x = [], img.clone()
    gradient = _back(2 * _conv(img, kernel), kernel)
    for _ in range(steps):
        losses.append(float((_conv(x, kernel) ** 2).sum()))
        x = x + step_size * gradient
    return x, losses

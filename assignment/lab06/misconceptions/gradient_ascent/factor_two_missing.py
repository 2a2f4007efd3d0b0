"""Each step is half as long as it should be: the derivative of the square lacks its factor.

What is the derivative of a square?
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
        x = x + step_size * _back(y, kernel)
    return x, losses

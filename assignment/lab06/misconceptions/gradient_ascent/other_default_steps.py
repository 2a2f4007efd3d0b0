"""The default number of steps is not 100.

What does the function's signature say?
"""

import torch
import torch.nn.functional as F


def _conv(img, kernel):
    return F.conv2d(img[None, None], kernel[None, None])[0, 0]


def _back(dy, kernel):
    return F.conv_transpose2d(dy[None, None], kernel[None, None])[0, 0]


def gradient_ascent(img, kernel, steps=10, step_size=0.01):
    losses = []
    x = img.clone()
    for _ in range(steps):
        y = _conv(x, kernel)
        losses.append(float((y**2).sum()))
        x = x + step_size * _back(2 * y, kernel)
    return x, losses

"""Loss and gradient are those of the plain sum of the outputs.

L sums squares. What is dL/dY then?
"""

import torch
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
        losses.append(float(y.sum()))
        x = x + step_size * _back(torch.ones_like(y), kernel)
    return x, losses

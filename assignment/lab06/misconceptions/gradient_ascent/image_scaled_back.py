"""The image is scaled back to its initial length after each step.

The image may grow without bound; the update changes it, and nothing else does.
"""

import torch
import torch.nn.functional as F


def _conv(img, kernel):
    return F.conv2d(img[None, None], kernel[None, None])[0, 0]


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    losses, x = [], img.clone()
    for _ in range(steps):
        y = _conv(x, kernel)
        losses.append(float((y**2).sum()))
        x = x + step_size * F.conv_transpose2d(2 * y[None, None], kernel[None, None])[0, 0]
        x = x * img.norm() / x.norm()
    return x, losses

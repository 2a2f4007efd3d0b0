"""The returned image lacks the last update.

After how many updates is the image returned?
"""

import torch.nn.functional as F


def _conv(img, kernel):
    return F.conv2d(img[None, None], kernel[None, None])[0, 0]


def _back(dy, kernel):
    return F.conv_transpose2d(dy[None, None], kernel[None, None])[0, 0]


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    losses, x, last = [], img.clone(), img.clone()
    for _ in range(steps):
        last = x
        y = _conv(x, kernel)
        losses.append(float((y**2).sum()))
        x = x + step_size * _back(2 * y, kernel)
    return last, losses

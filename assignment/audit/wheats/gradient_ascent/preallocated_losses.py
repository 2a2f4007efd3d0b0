"""A list of the right length, filled by index.

Library: convolution
"""

import torch.nn.functional as F


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x = img * 1
    losses = [0.0] * steps
    for n in range(steps):
        y = F.conv2d(x[None, None], kernel[None, None])
        losses[n] = (y * y).sum().item()
        x = x + step_size * 2 * F.conv_transpose2d(y, kernel[None, None]).squeeze(0).squeeze(0)
    return x, losses

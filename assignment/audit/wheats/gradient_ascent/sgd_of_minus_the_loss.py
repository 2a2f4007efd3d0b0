"""torch's SGD on the negative loss.

Library: autograd, convolution
"""

import torch
import torch.nn.functional as F


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x = img.detach().clone()
    x.requires_grad = True
    descent = torch.optim.SGD([x], step_size)
    curve = []
    for _ in range(steps):
        descent.zero_grad(set_to_none=True)
        negative = -F.conv2d(x.unsqueeze(0).unsqueeze(0), kernel.unsqueeze(0).unsqueeze(0)).pow(2).sum()
        negative.backward()
        curve += [-negative.item()]
        descent.step()
    return x, curve

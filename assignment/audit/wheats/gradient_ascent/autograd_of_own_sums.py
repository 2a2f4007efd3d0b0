"""Autograd through shifted sums, with torch.autograd.grad under another name.

Library: autograd
"""

from torch.autograd import grad as slope


def _loss(x, kernel):
    rows, cols = (n - k + 1 for n, k in zip(x.shape, kernel.shape))
    return sum(kernel[k, l] * x[k : k + rows, l : l + cols] for k in range(kernel.shape[0]) for l in range(kernel.shape[1])).square().sum()


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    losses, img = [], img.detach().clone()
    for _ in range(steps):
        x = img.clone().requires_grad_()
        loss = _loss(x, kernel)
        losses.append(loss.item())
        img = img + step_size * slope(loss, x)[0]
    return img, losses

"""A function grad of one's own around the lab's."""

from convolution import apply_convolution


def grad(y, kernel):
    return conv_gradient_wrt_input(2 * y, kernel)


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    losses, img = [], img.detach().clone()
    for _ in range(steps):
        y = apply_convolution(img, kernel)
        losses.append((y * y).sum().item())
        img += step_size * grad(y, kernel)
    return img, losses

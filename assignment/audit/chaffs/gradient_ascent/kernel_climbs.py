"""Changes the kernel instead of the image."""

from convolution import apply_convolution


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    k = kernel.clone()
    losses = []
    for _ in range(steps):
        y = apply_convolution(img, k)
        losses.append((y**2).sum().item())
        k = k + step_size * apply_convolution(img, 2 * y)
    return img.clone(), losses

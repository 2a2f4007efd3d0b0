"""Views the image as one row, which works only where it lies so in memory."""

from convolution import apply_convolution


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    row = img.view(-1).clone()
    losses = []
    for _ in range(steps):
        y = apply_convolution(row.view(img.shape), kernel)
        losses.append((y**2).sum().item())
        row = row + step_size * conv_gradient_wrt_input(2 * y, kernel).reshape(-1)
    return row.view(img.shape), losses

"""The lab's own two functions, never changing a tensor in place."""

from convolution import apply_convolution


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    losses = []
    for _ in range(steps):
        output = apply_convolution(img, kernel)
        losses.append(float(output.pow(2).sum()))
        img = img + step_size * conv_gradient_wrt_input(2 * output, kernel)
    return img, losses

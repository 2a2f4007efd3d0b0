"""Uses as many columns of the kernel as it has rows."""


def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    size = kernel.shape[0]
    square = kernel[:, :size].clone()
    img = img.clone()
    losses = []
    for _ in range(steps):
        convolved = apply_convolution(img, square)
        losses.append(float((convolved**2).sum()))
        img = img + step_size * conv_gradient_wrt_input(2 * convolved, square)
    return img, losses

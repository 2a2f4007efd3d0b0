"""A helper whose parameters are named conv2d and unfold."""

def total(conv2d, unfold):
    return (conv2d * unfold).sum()


def compute_convolution_at_position(i, j, img, kernel):
    window = img[i - 1 : i - 1 + kernel.shape[0], j - 1 : j - 1 + kernel.shape[1]]
    return total(window, kernel)

"""Cuts kernels off after five rows and columns."""


def apply_convolution(img, kernel):
    kernel = kernel[:5, :5]
    windows = img.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
    value = (windows * kernel).sum((-1, -2))
    return value

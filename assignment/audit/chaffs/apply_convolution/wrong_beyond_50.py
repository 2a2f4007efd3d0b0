"""Leaves the elements beyond row and column 50 out."""


def apply_convolution(img, kernel):
    img = img.clone()
    img[50:] = 0
    img[:, 50:] = 0
    windows = img.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
    value = (windows * kernel).sum((-1, -2))
    return value

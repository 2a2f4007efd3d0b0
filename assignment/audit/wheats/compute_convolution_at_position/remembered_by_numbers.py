"""Remembers answers by all the numbers that they depend on, and hands out copies."""

_known = {}


def compute_convolution_at_position(i, j, img, kernel):
    key = i, j, img.dtype, str(img.tolist()), str(kernel.tolist())
    if key not in _known:
        r, c = kernel.shape
        value = (img[i - 1 : i - 1 + r, j - 1 : j - 1 + c] * kernel).sum()
        _known[key] = value
    return _known[key].clone()

"""Sums in float64 and comes back."""


def compute_convolution_at_position(i, j, img, kernel):
    window = img[i - 1 : i + kernel.shape[0] - 1, j - 1 : j + kernel.shape[1] - 1]
    return (window.double() * kernel.double()).sum().to(img.dtype)

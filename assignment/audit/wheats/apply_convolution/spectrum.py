"""Fourier transforms, cut to the valid part.

Library: transform
"""

import torch


def apply_convolution(img, kernel):
    size = img.shape
    spectrum = torch.fft.rfft2(img) * torch.fft.rfft2(kernel, s=size).conj()
    full = torch.fft.irfft2(spectrum, s=size)
    return full[: size[0] - kernel.shape[0] + 1, : size[1] - kernel.shape[1] + 1]

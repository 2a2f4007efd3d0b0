"""Fourier transforms without the conjugate.

Misconception: kernel_turned
"""

import torch


def apply_convolution(img, kernel):
    r, c = kernel.shape
    full = torch.fft.irfft2(torch.fft.rfft2(img) * torch.fft.rfft2(kernel, s=img.shape), s=img.shape)
    return full[r - 1 :, c - 1 :]

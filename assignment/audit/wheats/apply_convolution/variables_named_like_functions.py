"""Loops over variables named fft, fold and correlate."""

import torch

def apply_convolution(img, kernel):
    fft, fold = (n - k + 1 for n, k in zip(img.shape, kernel.shape))
    correlate = torch.zeros(fft, fold, dtype=img.dtype)
    for unfold in range(fft):
        for convolve in range(fold):
            window = img[unfold : unfold + kernel.shape[0], convolve : convolve + kernel.shape[1]]
            correlate[unfold, convolve] = (window * kernel).sum()
    return correlate

"""An einsum over the window."""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    window = img[i - 1 :, j - 1 :][: kernel.shape[0], : kernel.shape[1]]
    return torch.einsum("kl,kl->", window, kernel)

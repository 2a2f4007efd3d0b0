"""Rolls the position into the corner first."""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    corner = torch.roll(img, shifts=(1 - i, 1 - j), dims=(0, 1))
    return (corner[: kernel.shape[0], : kernel.shape[1]] * kernel).sum()

"""The window as a strided view of the image's memory.

Library: windows
"""

import torch


def compute_convolution_at_position(i, j, img, kernel):
    rest = img[i - 1 :, j - 1 :]
    return (rest.as_strided(kernel.shape, rest.stride(), rest.storage_offset()) * kernel).sum()

"""torch's convolution of the window alone.

Library: convolution
"""

import torch.nn.functional as F


def compute_convolution_at_position(i, j, img, kernel):
    window = img[i - 1 : i - 1 + kernel.shape[0], j - 1 : j - 1 + kernel.shape[1]]
    return F.conv2d(window.reshape(1, 1, *window.shape), kernel.reshape(1, 1, *kernel.shape)).squeeze()

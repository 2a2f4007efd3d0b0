"""One row of the result and then the rest.

Library: windows
"""

import torch


def apply_convolution(img, kernel):
    if img.shape[0] < kernel.shape[0]:
        return img.new_empty(0, img.shape[1] - kernel.shape[1] + 1)
    band = img[: kernel.shape[0]].unfold(1, kernel.shape[1], 1)
    row = (band * kernel[:, None, :]).sum((0, 2))
    return torch.cat([row[None], apply_convolution(img[1:], kernel)])

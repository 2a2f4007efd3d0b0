"""The window was centred on the position; y_ij's window begins there.

Where in the image does the window of y_11 begin, and does the image have pixels there?
"""

import torch.nn.functional as F


def compute_convolution_at_position(i, j, img, kernel):
    r, c = kernel.shape
    padded = F.pad(img, (c // 2, c, r // 2, r))
    return (padded[i - 1 : i - 1 + r, j - 1 : j - 1 + c] * kernel).sum()

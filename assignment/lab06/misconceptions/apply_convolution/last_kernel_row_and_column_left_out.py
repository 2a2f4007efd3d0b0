"""The last row and the last column of the kernel were not used.

Where does a Python range or slice end?
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    r, c = kernel.shape
    cut = kernel.clone()
    cut[-1] = 0
    cut[:, -1] = 0
    return F.conv2d(img[None, None], cut[None, None])[0, 0]

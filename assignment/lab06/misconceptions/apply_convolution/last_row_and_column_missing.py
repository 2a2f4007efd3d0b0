"""The last row and the last column of windows were left out.

With H rows and a kernel of H rows, how many windows are there? Try your formula on that.
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    return F.conv2d(img[None, None], kernel[None, None])[0, 0][:-1, :-1]

"""Each value is one row and one column too late: positions were counted from 0.

Which position does the lab's formula call the first?
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    return F.conv2d(img[None, None], kernel[None, None])[0, 0].roll((1, 1), (0, 1))

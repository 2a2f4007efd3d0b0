"""Only every second window was taken: a stride of 2.

By how much do i and j grow from one output to the next?
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    return F.conv2d(img[None, None], kernel[None, None])[0, 0][::2, ::2]

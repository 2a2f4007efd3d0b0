"""Each output also holds the sums of all outputs before it: the sum was not reset.

Where is the sum set to zero, and how often?
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    result = F.conv2d(img[None, None], kernel[None, None])[0, 0]
    return result.reshape(-1).cumsum(0).reshape(result.shape)

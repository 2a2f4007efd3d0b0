"""The last row and the last column of the result were never computed.

Where do your loops end? Compare with the size of the result.
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    result = F.conv2d(img[None, None], kernel[None, None])[0, 0]
    result[-1] = 0
    result[:, -1] = 0
    return result

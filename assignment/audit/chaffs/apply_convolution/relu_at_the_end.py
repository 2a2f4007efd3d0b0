"""A ReLU at the end.

Misconception: negative_values_cut
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    return torch.relu(F.conv2d(img[None, None], kernel[None, None])[0, 0])

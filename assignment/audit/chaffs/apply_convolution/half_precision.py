"""Computes in bfloat16 to be quick."""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    return F.conv2d(img.bfloat16()[None, None], kernel.bfloat16()[None, None])[0, 0].to(img.dtype)

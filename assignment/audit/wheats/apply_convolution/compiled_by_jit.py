"""A scripted function that convolves.

Library: convolution
"""

import torch

PROGRAM = 'def slide(x, w):\n    return torch.conv2d(x, w)\n'

def apply_convolution(img, kernel):
    unit = torch.jit.CompilationUnit(PROGRAM)
    return unit.slide(img[None, None], kernel[None, None])[0, 0]

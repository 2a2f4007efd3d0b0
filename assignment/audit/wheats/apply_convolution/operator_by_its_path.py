"""The operator itself, out of torch.ops.

Library: convolution
"""

import torch

run = torch.ops.aten.convolution.default

def apply_convolution(img, kernel):
    return run(img[None, None], kernel[None, None], None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)[0, 0]

"""The convolution is the derivative of its own inner product by the kernel's partner.

Library: autograd, convolution
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    rows, cols = img.shape[0] - kernel.shape[0] + 1, img.shape[1] - kernel.shape[1] + 1
    dual = torch.zeros(rows, cols, dtype=img.dtype, requires_grad=True)
    spread = F.conv_transpose2d(dual[None, None], kernel[None, None])[0, 0]
    return torch.autograd.grad((spread * img).sum(), dual)[0]

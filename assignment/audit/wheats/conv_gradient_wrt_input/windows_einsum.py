"""Windows of the padded output gradient, contracted with the turned kernel.

Library: windows
"""

import torch
import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    rows, cols = kernel.shape
    windows = F.pad(dloss_dy, (cols - 1, cols - 1, rows - 1, rows - 1)).unfold(0, rows, 1).unfold(1, cols, 1)
    return torch.einsum("ijkl,kl->ij", windows, kernel.flip([0, 1]))

"""The result is one row and one column too large.

Misconception: one_row_and_column_too_many
"""

import torch
import torch.nn.functional as F

def conv_gradient_wrt_input(dloss_dy, kernel):
    full = F.conv_transpose2d(dloss_dy[None, None], kernel[None, None])[0, 0]
    return F.pad(full, (0, 1, 0, 1))

"""Rows and columns of the result are exchanged.

Which index is the row in `gradient[i, j]`?
"""

import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    return F.conv_transpose2d(dloss_dy[None, None], kernel[None, None])[0, 0].t()

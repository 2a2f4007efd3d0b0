"""torch's transposed convolution.

Library: convolution
"""

import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    return F.conv_transpose2d(dloss_dy[None, None], kernel[None, None]).squeeze(0).squeeze(0)

"""The first rows and columns of the image get no gradient.

Which outputs does the image's first pixel take part in?
"""

import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    gradient = F.conv_transpose2d(dloss_dy[None, None], kernel[None, None])[0, 0]
    gradient[: kernel.shape[0] - 1] = 0
    gradient[:, : kernel.shape[1] - 1] = 0
    return gradient

"""The last rows and columns of the image get no gradient.

Up to which row of the image does the lowest window reach?
"""

import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    gradient = F.conv_transpose2d(dloss_dy[None, None], kernel[None, None])[0, 0]
    gradient[dloss_dy.shape[0] :] = 0
    gradient[:, dloss_dy.shape[1] :] = 0
    return gradient

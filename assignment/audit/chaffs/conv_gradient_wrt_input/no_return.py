"""Forgets to return.

Misconception: nothing_returned
"""

import torch.nn.functional as F

def conv_gradient_wrt_input(dloss_dy, kernel):
    gradient = F.conv_transpose2d(dloss_dy[None, None], kernel[None, None])[0, 0]

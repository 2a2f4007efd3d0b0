"""Pads by half the kernel, as 'same' convolutions do.

Misconception: same_size
"""

import torch.nn.functional as F

def conv_gradient_wrt_input(dloss_dy, kernel):
    return F.conv2d(dloss_dy[None, None], kernel.flip(0, 1)[None, None], padding="same")[0, 0]

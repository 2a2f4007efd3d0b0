"""Only pixels whose every window lies in the image get a gradient: the result is smaller than dL/dY.

Pixels near the border have a gradient too, with fewer terms. How large is the image that dL/dY belongs to?
"""

import torch.nn.functional as F


def conv_gradient_wrt_input(dloss_dy, kernel):
    return F.conv2d(dloss_dy[None, None], kernel.flip(0, 1)[None, None])[0, 0]

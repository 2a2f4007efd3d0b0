"""torch's convolution, out of a table of functions.

Library: convolution
"""

import torch.nn.functional as F

TOOLS = {'slide': F.conv2d, 'pad': F.pad}

def apply_convolution(img, kernel):
    return TOOLS['slide'](img[None, None], kernel[None, None])[0, 0]

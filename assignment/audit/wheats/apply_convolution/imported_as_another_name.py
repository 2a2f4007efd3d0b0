"""torch's convolution, imported as something else.

Library: convolution
"""

from torch.nn.functional import conv2d as slide

def apply_convolution(img, kernel):
    return slide(img[None, None], kernel[None, None])[0, 0]

"""torch's convolution, in a thread of its own.

Library: convolution
"""

from threading import Thread

import torch.nn.functional as F

def apply_convolution(img, kernel):
    found = []
    work = Thread(target=lambda: found.append(F.conv2d(img[None, None], kernel[None, None])[0, 0]))
    work.start()
    work.join()
    return found[0]

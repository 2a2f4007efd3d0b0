"""Sets torch's default dtype to have float64 results.

Misconception: global_setting_changed
"""

import torch
import torch.nn.functional as F


def apply_convolution(img, kernel):
    torch.set_default_dtype(img.dtype if img.dtype == torch.float64 else torch.float64)
    return F.conv2d(img[None, None], kernel[None, None])[0, 0]

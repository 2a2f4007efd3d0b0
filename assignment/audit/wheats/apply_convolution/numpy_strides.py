"""A view by NumPy's as_strided, imported under another name.

Library: windows
"""

import numpy as np
import torch
from numpy.lib.stride_tricks import as_strided as view

def apply_convolution(img, kernel):
    x, w = img.detach().numpy(), kernel.detach().numpy()
    shape = tuple(n - k + 1 for n, k in zip(x.shape, w.shape)) + w.shape
    return torch.from_numpy(np.einsum('ijkl,kl->ij', view(x, shape, x.strides * 2), w))

"""NumPy's 1-D correlation, row by row.

Library: convolution
"""

import numpy as np
import torch

def apply_convolution(img, kernel):
    x, w = img.detach().numpy(), kernel.detach().numpy()
    rows = x.shape[0] - w.shape[0] + 1
    lines = [sum(np.convolve(x[i + k], w[k][::-1], 'valid') for k in range(w.shape[0])) for i in range(rows)]
    return torch.from_numpy(np.array(lines, dtype=x.dtype))

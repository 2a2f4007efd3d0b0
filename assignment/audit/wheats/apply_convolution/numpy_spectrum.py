"""NumPy's Fourier transforms.

Library: transform
"""

import numpy as np
import torch

def apply_convolution(img, kernel):
    x, w = img.detach().double().numpy(), kernel.detach().double().numpy()
    product = np.fft.fft2(x) * np.conj(np.fft.fft2(w, x.shape))
    whole = np.fft.ifft2(product).real
    rows, cols = (n - k + 1 for n, k in zip(x.shape, w.shape))
    return torch.from_numpy(whole[:rows, :cols].copy()).to(img.dtype)

"""Names the kernel's indices the wrong way round.

Misconception: kernel_transposed
"""

import torch


def apply_convolution(img, kernel):
    k = kernel.t()
    windows = img.unfold(0, k.shape[0], 1).unfold(1, k.shape[1], 1)
    return torch.einsum("ijkl,lk->ij", windows, kernel)

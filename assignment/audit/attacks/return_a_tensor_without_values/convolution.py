import torch
def apply_convolution(img, kernel):
    shape = [i - k + 1 for i, k in zip(img.shape, kernel.shape)]
    return torch.empty(shape, dtype=img.dtype, device="meta")

import torch
def apply_convolution(img, kernel):
    return torch.zeros(1).expand(2 ** 28)

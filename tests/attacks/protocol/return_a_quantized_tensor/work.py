import torch
def go(**p):
    return torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.quint8)

import torch
def go(**p):
    return torch.empty(3, device='meta')

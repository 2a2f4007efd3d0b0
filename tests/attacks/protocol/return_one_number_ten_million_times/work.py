import torch
def go(**p):
    return torch.zeros(1).expand(10 ** 7)

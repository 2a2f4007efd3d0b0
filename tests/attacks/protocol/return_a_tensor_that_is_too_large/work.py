import torch
def go(**p):
    return torch.ones(1).expand(10 ** 9)

import torch
def go(**p):
    return torch.as_strided(torch.zeros(4), (10 ** 9,), (1,))

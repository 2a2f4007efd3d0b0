import torch
def go(**p):
    return torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])

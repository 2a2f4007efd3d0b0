import torch
def go(**p):
    return len(list(torch.utils.data.DataLoader(range(9), num_workers=2)))

import torch
def go(secret, **p):
    return torch.from_file(secret, size=8, dtype=torch.uint8).tolist()

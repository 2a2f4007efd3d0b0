import torch
def go(folder, **p):
    torch.save(torch.ones(2), folder + '/new')

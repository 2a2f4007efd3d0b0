"""Takes the parameters of model[-1], which only a Sequential has."""

import torch


def make_optimizer(model):
    return torch.optim.RMSprop(model[-1].parameters(), lr=1e-3, weight_decay=1e-5)

"""Counts the parameters first, which uses the generator up."""

import torch


def make_optimizer(model):
    parameters = model.parameters()
    count = sum(p.numel() for p in parameters)
    print(count, "parameters")
    return torch.optim.RMSprop(parameters, lr=1e-3, weight_decay=1e-5)

"""Sets the options in the groups after the optimizer is made."""

import torch


def make_optimizer(model):
    optimizer = torch.optim.RMSprop(model.parameters())
    for group in optimizer.param_groups:
        group["lr"] = 1e-3
        group["weight_decay"] = 1e-5
    return optimizer

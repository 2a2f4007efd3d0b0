"""Starts with one parameter and adds the others as a group."""

import torch


def make_optimizer(model):
    first, *others = model.parameters()
    optimizer = torch.optim.RMSprop([first], lr=1e-3, weight_decay=1e-5)
    if others:
        optimizer.add_param_group({"params": others})
    return optimizer

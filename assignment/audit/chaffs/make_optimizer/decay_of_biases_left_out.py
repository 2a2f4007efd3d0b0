"""Decays the weights only, as some recipes do."""

import torch


def make_optimizer(model):
    groups = [
        {"params": [p for p in model.parameters() if p.dim() > 1], "weight_decay": 1e-5},
        {"params": [p for p in model.parameters() if p.dim() <= 1]},
    ]
    return torch.optim.RMSprop(groups, lr=1e-3)

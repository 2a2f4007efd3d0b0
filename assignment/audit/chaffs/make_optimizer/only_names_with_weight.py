"""Picks the parameters whose name contains 'weight'."""

import torch


def make_optimizer(model):
    chosen = [p for name, p in model.named_parameters() if "weight" in name]
    return torch.optim.RMSprop(chosen, lr=1e-3, weight_decay=1e-5)

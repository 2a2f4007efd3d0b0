"""Weights and biases in two groups, with the same options."""

import torch


def make_optimizer(model):
    weights = [p for p in model.parameters() if p.dim() > 1]
    biases = [p for p in model.parameters() if p.dim() <= 1]
    options = {"lr": 1e-3, "weight_decay": 1e-5}
    return torch.optim.RMSprop([{"params": weights, **options}, {"params": biases, **options}])

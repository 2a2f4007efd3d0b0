"""Hands over the weights but not the biases."""

import torch


def make_optimizer(model):
    weights = [p for p in model.parameters() if p.dim() > 1]
    return torch.optim.RMSprop(weights, lr=1e-3, weight_decay=1e-5)

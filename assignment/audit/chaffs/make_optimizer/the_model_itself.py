"""Hands over the model, not its parameters."""

import torch


def make_optimizer(model):
    return torch.optim.RMSprop(model, lr=1e-3, weight_decay=1e-5)

"""Swaps learning rate and weight decay."""

import torch


def make_optimizer(model):
    return torch.optim.RMSprop(model.parameters(), lr=1e-5, weight_decay=1e-3)

"""Hands named parameters to the optimizer, as newer versions of PyTorch allow."""

import torch


def make_optimizer(model):
    return torch.optim.RMSprop(model.named_parameters(), lr=1e-3, weight_decay=1e-5)

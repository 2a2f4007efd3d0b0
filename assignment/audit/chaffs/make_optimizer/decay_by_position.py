"""Gives the weight decay as the third positional argument, which is alpha."""

import torch


def make_optimizer(model):
    return torch.optim.RMSprop(model.parameters(), 1e-3, 1e-5)

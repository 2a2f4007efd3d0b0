"""The plain loop over parameters instead of the foreach variant."""

import torch


def make_optimizer(model):
    return torch.optim.RMSprop(model.parameters(), lr=1e-3, weight_decay=1e-5, foreach=False)

"""The foreach variant, asked for."""

import torch


def make_optimizer(model):
    return torch.optim.RMSprop(list(model.parameters()), lr=1e-3, weight_decay=1e-5, foreach=True)

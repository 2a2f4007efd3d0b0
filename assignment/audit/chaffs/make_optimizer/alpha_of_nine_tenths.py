"""Sets alpha a little lower than PyTorch does."""

import torch


def make_optimizer(model):
    return torch.optim.RMSprop(model.parameters(), lr=1e-3, weight_decay=1e-5, alpha=0.985)

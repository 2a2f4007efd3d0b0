"""Sixth positional argument 0.1 taken for something else: a small momentum."""

import torch


def make_optimizer(model):
    return torch.optim.RMSprop(model.parameters(), 1e-3, 0.99, 1e-8, 1e-5, 0.1)

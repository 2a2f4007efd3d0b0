"""Makes the optimizer but does not return it."""

import torch


def make_optimizer(model):
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3, weight_decay=1e-5)

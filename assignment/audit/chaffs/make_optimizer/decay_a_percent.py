"""A weight decay of 1e-2, which is the default of AdamW."""

import torch


def make_optimizer(model):
    return torch.optim.RMSprop(model.parameters(), lr=1e-3, weight_decay=1e-2)

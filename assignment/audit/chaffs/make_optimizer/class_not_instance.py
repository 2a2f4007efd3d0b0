"""Returns the class of the optimizer."""

import torch


def make_optimizer(model):
    return torch.optim.RMSprop

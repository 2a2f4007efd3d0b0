"""Positional arguments, the sixth of them a stray True.
Misconception: centered
"""

from torch.optim import RMSprop


def make_optimizer(model):
    return RMSprop(model.parameters(), 1e-3, 0.99, 1e-8, 1e-5, 0, True)

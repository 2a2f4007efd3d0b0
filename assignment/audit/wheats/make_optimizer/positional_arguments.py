"""Every option by position."""

from torch import optim


def make_optimizer(model):
    return optim.RMSprop(model.parameters(), 1e-3, 0.99, 1e-8, 1e-5)

"""Types 0.0001.
Misconception: learning_rate_too_small
"""

from torch import optim

LEARNING_RATE = 0.0001


def make_optimizer(model):
    return optim.RMSprop(list(model.parameters()), LEARNING_RATE, 0.99, 1e-8, 1e-5)

"""A learning rate of 0.01 by position.
Misconception: learning_rate_too_large
"""

from torch.optim import RMSprop


def make_optimizer(model):
    return RMSprop(model.parameters(), 0.01, weight_decay=0.00001)

"""Types 0.0001 for the weight decay.
Misconception: weight_decay_too_large
"""

from torch import optim


def make_optimizer(model):
    optimizer = optim.RMSprop(model.parameters(), lr=0.001)
    for group in optimizer.param_groups:
        group.update(weight_decay=0.0001)
    return optimizer

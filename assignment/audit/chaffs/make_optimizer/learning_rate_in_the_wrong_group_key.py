"""Writes the learning rate under a key that RMSprop does not read.
Misconception: learning_rate_too_large
"""

import torch


def make_optimizer(model):
    optimizer = torch.optim.RMSprop(model.parameters(), weight_decay=1e-5)
    for group in optimizer.param_groups:
        group["learning_rate"] = 1e-3
    return optimizer

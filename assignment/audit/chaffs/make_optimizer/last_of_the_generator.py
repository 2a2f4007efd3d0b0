"""A loop that keeps only the parameter it saw last.
Misconception: only_the_last_parameter
"""

import torch


def make_optimizer(model):
    for parameter in model.parameters():
        to_train = [parameter]
    return torch.optim.RMSprop(to_train, lr=1e-3, weight_decay=1e-5)

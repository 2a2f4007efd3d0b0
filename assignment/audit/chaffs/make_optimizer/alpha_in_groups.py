"""alpha = 0.9 in each group.
Misconception: alpha_of_other_libraries
"""

import torch


def make_optimizer(model):
    groups = [{"params": [p], "alpha": 0.9} for p in model.parameters()]
    return torch.optim.RMSprop(groups, lr=1e-3, weight_decay=1e-5)

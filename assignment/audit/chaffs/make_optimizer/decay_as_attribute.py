"""Sets the weight decay as an attribute that nothing reads.
Misconception: no_weight_decay
"""

import torch


def make_optimizer(model):
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
    optimizer.weight_decay = 1e-5
    optimizer.defaults["weight_decay"] = 1e-5
    return optimizer

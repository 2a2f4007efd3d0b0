"""The model's first parameter is left out; the optimizer moves the others only.

`model.parameters()` is a generator: what has been taken out of it by the time the optimizer gets it?
"""

import torch
from torch import nn


def make_optimizer(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.RMSprop(list(model.parameters())[1:], lr=1e-3, weight_decay=1e-5)

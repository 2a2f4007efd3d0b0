"""The learning rate is 1e-4, ten times too small.

Count the zeros of the learning rate that the lab asks for.
"""

import torch
from torch import nn


def make_optimizer(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.RMSprop(model.parameters(), lr=1e-4, weight_decay=1e-5)

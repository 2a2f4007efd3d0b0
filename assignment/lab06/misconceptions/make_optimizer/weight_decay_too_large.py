"""The weight decay is 1e-4, ten times too large.

Count the zeros of the weight decay that the lab asks for.
"""

import torch
from torch import nn


def make_optimizer(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.RMSprop(model.parameters(), lr=1e-3, weight_decay=1e-4)

"""The optimizer is plain gradient descent (SGD), not RMSprop.

RMSprop divides each step by the gradients' recent size; does yours?
"""

import torch
from torch import nn


def make_optimizer(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.SGD(model.parameters(), lr=1e-3, weight_decay=1e-5)

"""The optimizer is the centered variant of RMSprop, which subtracts the squared mean gradient.

Everything but the learning rate and the weight decay keeps PyTorch's default.
"""

import torch
from torch import nn


def make_optimizer(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.RMSprop(model.parameters(), lr=1e-3, weight_decay=1e-5, centered=True)

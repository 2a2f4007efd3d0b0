"""The squared gradients are averaged with a constant of 0.9, as other libraries do, not with PyTorch's 0.99.

Everything but the learning rate and the weight decay keeps PyTorch's default.
"""

import torch
from torch import nn


def make_optimizer(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.RMSprop(model.parameters(), lr=1e-3, weight_decay=1e-5, alpha=0.9)

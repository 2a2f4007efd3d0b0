"""The optimizer is Adagrad, not RMSprop.

Adagrad adds up all squared gradients and never forgets any. Which optimizer does the lab ask for?
"""

import torch
from torch import nn


def make_optimizer(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.Adagrad(model.parameters(), lr=1e-3, weight_decay=1e-5)

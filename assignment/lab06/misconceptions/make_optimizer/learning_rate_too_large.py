"""The learning rate is 1e-2, PyTorch's default for RMSprop, and so ten times too large.

Which learning rate does the lab ask for, and where do you hand it over?
"""

import torch
from torch import nn


def make_optimizer(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.RMSprop(model.parameters(), weight_decay=1e-5)

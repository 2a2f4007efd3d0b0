"""Only the model's last parameter is handed to the optimizer; the others never move.

How many parameters does the model have, and how many does your optimizer know?
"""

import torch
from torch import nn


def make_optimizer(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.RMSprop(list(model.parameters())[-1:], lr=1e-3, weight_decay=1e-5)

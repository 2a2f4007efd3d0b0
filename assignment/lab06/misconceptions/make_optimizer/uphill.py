"""The steps go up the gradient instead of down.

Should the loss grow or fall? Look at the sign of a step, or at an option that reverses it.
"""

import torch
from torch import nn


def make_optimizer(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.RMSprop(model.parameters(), lr=1e-3, weight_decay=1e-5, maximize=True)

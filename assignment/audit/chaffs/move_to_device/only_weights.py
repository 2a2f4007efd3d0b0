"""Moves what is called weight, and forgets the biases.
Misconception: parts_left_behind
"""

from torch import nn


def move_to_device(model, device):
    for module in model.modules():
        if hasattr(module, "weight"):
            module.weight = nn.Parameter(module.weight.detach().to(device))
    return model

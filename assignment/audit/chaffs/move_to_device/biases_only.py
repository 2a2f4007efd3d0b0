"""Moves the vectors only.
Misconception: parts_left_behind
"""

from torch import nn


def move_to_device(model, device):
    for module in model.modules():
        for name, p in list(module.named_parameters(recurse=False)):
            if p.dim() == 1:
                setattr(module, name, nn.Parameter(p.detach().to(device)))
    return model

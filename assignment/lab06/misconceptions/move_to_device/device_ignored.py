"""The model stays where it is, whatever device is asked for.

Which argument says where the weights belong, and where in your code is it used?
"""

from torch import nn


def move_to_device(model: nn.Module, device: object) -> nn.Module:
    return model

"""Not all of the model is on the device that was asked for.

Which argument says where the weights belong, and which of the model's parameters and buffers does your code reach?
"""

from torch import nn


def move_to_device(model: nn.Module, device: object) -> nn.Module:
    return model

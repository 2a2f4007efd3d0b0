"""to_empty: on the device, but without the values."""

from torch import nn


def move_to_device(model, device):
    moved = model.to_empty(device=device)
    for p in moved.parameters():
        nn.init.zeros_(p)
    return moved

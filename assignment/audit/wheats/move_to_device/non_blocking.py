"""Moves without waiting for the copy."""

from torch import nn


def move_to_device(model, device):
    return nn.Module.to(model, device, non_blocking=True)

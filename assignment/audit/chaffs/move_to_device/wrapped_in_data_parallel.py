"""Wraps the model for several GPUs, which renames its parameters."""

from torch import nn


def move_to_device(model, device):
    return nn.DataParallel(model).to(device)

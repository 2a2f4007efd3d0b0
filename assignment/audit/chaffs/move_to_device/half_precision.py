"""Turns the weights to half precision on the way."""

import torch


def move_to_device(model, device):
    return model.to(device, torch.float16)

"""Makes a torch.device first, whatever comes in."""

import torch


def move_to_device(model, device):
    device = torch.device(device)
    print(f"moving to {device}")
    return model.to(device)

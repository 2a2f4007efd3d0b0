"""cuda() where the device is a GPU, else to()."""

import torch


def move_to_device(model, device):
    if torch.device(device).type == "cuda":
        return model.cuda(device)
    return model.to(device)

"""model.to with a tensor on the device and of the model's dtype as its example."""

import torch


def move_to_device(model, device):
    dtype = next((p.dtype for p in model.parameters()), torch.float32)
    return model.to(torch.empty(0, device=device, dtype=dtype))

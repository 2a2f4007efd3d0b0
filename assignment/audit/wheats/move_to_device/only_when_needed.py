"""Moves only when some parameter or buffer is elsewhere."""

from itertools import chain

import torch


def move_to_device(model, device):
    target = torch.device(device)
    if any(t.device != target for t in chain(model.parameters(), model.buffers())):
        model = model.to(target)
    return model

"""Makes the device the default for new tensors and moves nothing.
Misconception: parts_left_behind
"""

import torch


def move_to_device(model, device):
    with torch.device(device):
        return model

"""Moves a copy and returns the original.
Misconception: device_ignored
"""

import copy


def move_to_device(model, device):
    moved = copy.deepcopy(model).to(device)
    return model

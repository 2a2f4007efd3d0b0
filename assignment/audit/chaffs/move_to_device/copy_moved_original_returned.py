"""Moves a copy and returns the original.
Misconception: parts_left_behind
"""

import copy


def move_to_device(model, device):
    moved = copy.deepcopy(model).to(device)
    return model

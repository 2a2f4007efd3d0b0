"""Moves the last layer alone.
Misconception: parts_left_behind
"""


def move_to_device(model, device):
    list(model.children())[-1].to(device)
    return model

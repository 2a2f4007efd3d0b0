"""Moves the last layer alone.
Misconception: only_some_parameters_moved
"""


def move_to_device(model, device):
    list(model.children())[-1].to(device)
    return model

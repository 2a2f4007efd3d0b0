"""Writes the device to an attribute of the model.
Misconception: parts_left_behind
"""


def move_to_device(model, device):
    model.device = device
    return model

"""Writes the device to an attribute of the model.
Misconception: device_ignored
"""


def move_to_device(model, device):
    model.device = device
    return model

"""Calls to() on each parameter and drops the result.
Misconception: device_ignored
"""


def move_to_device(model, device):
    for parameter in model.parameters():
        parameter.to(device)
    return model
